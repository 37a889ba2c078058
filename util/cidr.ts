import { IPv4 } from "ipaddr.js";

/** An IPv4 range in its canonical form. Addresses are numbers from 0 to 2^32 - 1. */
export interface Cidr {
  /** As it is written: `address/length`, no host bits. */
  readonly text: string;
  readonly first: number;
  readonly last: number;
  /** Prefix length, 0 to 32. */
  readonly length: number;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** `error` goes on from "found <text>"; `canonical` is what was probably meant. */
  | { readonly ok: false; readonly error: string; readonly canonical?: string };

/** An IPv4 address in four decimal parts, without leading zeros (which some programs read as octal). */
export function parseAddress(text: string): Parsed<number> {
  if (!IPv4.isValidFourPartDecimal(text)) {
    return { ok: false, error: "is not an IPv4 address; allowed: four decimal parts, 10.1.2.3" };
  }
  const value = IPv4.parse(text).octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { ok: true, value };
}

/** A range as `address/length`; one with host bits set is refused, since which range was meant is a guess. */
export function parseCidr(text: string): Parsed<Cidr> {
  const match = /^([^/]+)\/(0|[1-9]\d?)$/.exec(text);
  const address = parseAddress(match?.[1] ?? "");
  const length = Number(match?.[2]);
  if (!address.ok || length > 32) {
    return { ok: false, error: "is not an IPv4 range; allowed: address/length, 10.1.0.0/16" };
  }
  const value = range(address.value, length);
  if (value.first !== address.value) {
    const error = `has host bits set; the range of that address is ${value.text}`;
    return { ok: false, error, canonical: value.text };
  }
  return { ok: true, value };
}

/** A range known to be well-formed. @throws RangeError when it is not */
export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed.ok) throw new RangeError(`${text} ${parsed.error}`);
  return parsed.value;
}

/** The range of the given prefix length that holds the address. */
export function range(address: number, length: number): Cidr {
  const size = 2 ** (32 - length);
  const first = Math.floor(address / size) * size;
  return { text: `${writeAddress(first)}/${length}`, first, last: first + size - 1, length };
}

export function writeAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/**
 * Whether the range holds the whole of the other range, or the address. False for what is no IPv4 address
 * or range, as a router's `default` or an IPv6 route.
 */
export function contains(prefix: string, addressOrPrefix: string): boolean {
  const text = addressOrPrefix.includes("/") ? addressOrPrefix : `${addressOrPrefix}/32`;
  const [outer, inner] = [parseCidr(prefix), parseCidr(text)];
  return outer.ok && inner.ok && holds(outer.value, inner.value);
}

export function holds(outer: Cidr, inner: Cidr): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** How many addresses it has. */
export function size(of: Cidr): number {
  return of.last - of.first + 1;
}

/** How many blocks of the prefix length it holds; 0 when it is smaller than one. */
export function blocks(of: Cidr, length: number): number {
  return length < of.length ? 0 : 2 ** (length - of.length);
}

/** The lowest range of the prefix length inside the parent that meets none of the taken ones. */
export function nextFree(parent: Cidr, length: number, taken: readonly Cidr[]): string | undefined {
  if (length < parent.length) return undefined;
  const sorted = taken.filter((one) => overlaps(one, parent)).sort(compareCidr);
  let candidate = range(parent.first, length);
  for (const one of sorted) {
    if (one.last < candidate.first) continue;
    if (one.first > candidate.last) break;
    // The first boundary of this size behind the range that is in the way.
    candidate = range(one.last + size(candidate), length);
    if (candidate.last > parent.last) return undefined;
  }
  return candidate.text;
}

/** By address, the larger range first. */
export function compareCidr(a: Cidr, b: Cidr): number {
  return a.first - b.first || a.length - b.length;
}
