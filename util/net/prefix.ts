/** Prefixes in CIDR notation (RFC 4632, RFC 4291), of either family. */
import {
  type Address,
  address,
  compareAddresses,
  type Family,
  formatAddress,
  parseAddress,
  widthOf,
} from "./address";

export interface Prefix {
  readonly family: Family;
  /** Its first address as a number. */
  readonly first: bigint;
  readonly length: number;
}

/** What is wrong with a text that should be a prefix. */
export type PrefixFault =
  | { readonly fault: "syntax" }
  | { readonly fault: "host-bits"; readonly canonical: string };

/** @returns the prefix, or what is wrong with the text */
export function parsePrefix(text: string): Prefix | PrefixFault {
  const slash = text.indexOf("/");
  const base = slash === -1 ? undefined : parseAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (base === undefined || !/^(0|[1-9]\d{0,2})$/.test(digits)) return { fault: "syntax" };
  const length = Number(digits);
  if (length > widthOf[base.family]) return { fault: "syntax" };
  const found = prefixOf(base, length);
  return found.first === base.value
    ? found
    : { fault: "host-bits", canonical: formatPrefix(found) };
}

export function isPrefix(parsed: Prefix | PrefixFault): parsed is Prefix {
  return !("fault" in parsed);
}

/** @throws Error when the text is no prefix without host bits; for texts that were validated before */
export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!isPrefix(parsed)) throw new Error(`not a canonical CIDR: ${text}`);
  return parsed;
}

/** The prefix of that length that holds the address. */
export function prefixOf({ family, value }: Address, length: number): Prefix {
  const bits = BigInt(widthOf[family] - length);
  return { family, first: (value >> bits) << bits, length };
}

/** The canonical text: see formatAddress. */
export function formatPrefix(one: Prefix): string {
  return `${formatAddress(firstOf(one))}/${one.length}`;
}

/** The prefix that holds one address: `172.16.18.33/32`, `2001:db8::1/128`. @throws Error when the text is no address */
export function hostPrefix(text: string): string {
  return `${text}/${widthOf[address(text).family]}`;
}

/** The address of a prefix that holds one address; undefined for all others, and for what is no prefix. */
export function hostOf(text: string): string | undefined {
  const parsed = parsePrefix(text);
  if (!isPrefix(parsed) || parsed.length !== widthOf[parsed.family]) return undefined;
  return text.slice(0, text.indexOf("/"));
}

/** The address of a text such as `10.0.1.5/24`, which names the network of an interface, too. */
export function addressIn(text: string): string {
  return text.split("/")[0] ?? "";
}

/** The family of an address, or of a prefix with or without host bits; undefined when the text is neither. */
export function familyOf(text: string): Family | undefined {
  return parseAddress(addressIn(text))?.family;
}

/** How many addresses the prefix holds. */
export function sizeOf({ family, length }: Prefix): bigint {
  return 1n << BigInt(widthOf[family] - length);
}

export function firstOf({ family, first }: Prefix): Address {
  return { family, value: first };
}

/** The last address; in an IPv4 network of hosts, its broadcast address. */
export function lastOf(one: Prefix): Address {
  return { family: one.family, value: one.first + sizeOf(one) - 1n };
}

/** The address that many above the first one; below the last one where the number is negative (-1: the last). */
export function nthOf(one: Prefix, offset: bigint | number): Address {
  const value = BigInt(offset);
  const size = sizeOf(one);
  if (value >= size || value < -size)
    throw new Error(`${formatPrefix(one)} has no address ${offset}`);
  return { family: one.family, value: one.first + (value < 0n ? size + value : value) };
}

/** The address that many above the first of a prefix, as texts. @throws Error when it is outside */
export function addressAt(text: string, offset: number): string {
  return formatAddress(nthOf(prefix(text), offset));
}

export function overlap(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? within(a, b) : within(b, a);
}

/** Whether the first prefix holds all addresses of the second. */
export function within(outer: Prefix, inner: Prefix): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false;
  const bits = BigInt(widthOf[outer.family] - outer.length);
  return outer.first >> bits === inner.first >> bits;
}

/** Whether the prefix holds the address. */
export function holds(outer: Prefix, { family, value }: Address): boolean {
  return within(outer, { family, first: value, length: widthOf[family] });
}

/**
 * Whether a prefix holds an address or another prefix.
 * @throws Error when the prefix is none; a text inside that is none is held by nothing
 */
export function contains(outer: string, inner: string): boolean {
  const parsed = parseEither(inner);
  return parsed !== undefined && within(prefix(outer), parsed);
}

/** A prefix, or an address as the prefix that holds it alone; undefined when the text is neither. */
export function parseEither(text: string): Prefix | undefined {
  if (text.includes("/")) {
    const parsed = parsePrefix(text);
    return isPrefix(parsed) ? parsed : undefined;
  }
  const one = parseAddress(text);
  return one === undefined ? undefined : prefixOf(one, widthOf[one.family]);
}

const loopbacks = [prefix("127.0.0.0/8"), prefix("::1/128")];

/** Whether what is sent there stays on the machine, which `localhost` says, too. */
export function isLoopback(host: string): boolean {
  const one = parseAddress(host);
  return (
    host === "localhost" || (one !== undefined && loopbacks.some((range) => holds(range, one)))
  );
}

/** How many blocks of a length the prefix holds: a power of two, which a number holds exactly. */
export function blocksIn({ length }: Prefix, blockLength: number): number {
  return blockLength < length ? 0 : 2 ** (blockLength - length);
}

/** Its blocks of a length from first to last, made one by one: an IPv6 prefix has more than a list can hold. */
export function* split(one: Prefix, blockLength: number): Generator<Prefix> {
  if (blockLength < one.length) return;
  const { family } = one;
  const step = 1n << BigInt(widthOf[family] - blockLength);
  const end = one.first + sizeOf(one);
  for (let first = one.first; first < end; first += step)
    yield { family, first, length: blockLength };
}

/** For sorting: by the first address, and a prefix before those inside it. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  return compareAddresses(firstOf(a), firstOf(b)) || a.length - b.length;
}
