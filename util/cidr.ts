/** IPv4 arithmetic on prefixes in CIDR notation (RFC 4632). Parsing is ipaddr.js's; the rest is counting. */
import ipaddr from "ipaddr.js";

/** A range of addresses; `first` is its base as a number. */
export interface Range {
  readonly first: number;
  readonly length: number;
}

/** What is wrong with a text that should be a CIDR, or undefined. */
export type CidrFault =
  | { readonly fault: "syntax" }
  | { readonly fault: "host-bits"; readonly canonical: string };

const dotted = /^(\d{1,3})(\.\d{1,3}){3}$/;

/** @returns the number of a dotted address, or undefined when the text is none. Leading zeros are refused. */
export function parseAddress(text: string): number | undefined {
  if (!dotted.test(text) || /(^|\.)0\d/.test(text) || !ipaddr.IPv4.isValid(text)) return undefined;
  return ipaddr.IPv4.parse(text).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** @returns the range, or what is wrong with the text. */
export function parseCidr(text: string): Range | CidrFault {
  const [base = "", bits = "", ...rest] = text.split("/");
  const address = parseAddress(base);
  const length = /^(0|[1-9]\d?)$/.test(bits) ? Number(bits) : 33;
  if (address === undefined || length > 32 || rest.length > 0) return { fault: "syntax" };
  const first = address - (address % 2 ** (32 - length));
  return first === address
    ? { first, length }
    : { fault: "host-bits", canonical: formatCidr({ first, length }) };
}

export function isRange(parsed: Range | CidrFault): parsed is Range {
  return !("fault" in parsed);
}

/** @throws Error when the text is no canonical CIDR; for texts that were validated before. */
export function cidr(text: string): Range {
  const parsed = parseCidr(text);
  if (!isRange(parsed)) throw new Error(`not a canonical CIDR: ${text}`);
  return parsed;
}

export function formatCidr(range: Range): string {
  return `${formatAddress(range.first)}/${range.length}`;
}

/** The address that many above the first of a canonical CIDR. @throws Error when it is outside */
export function addressAt(text: string, offset: number): string {
  const range = cidr(text);
  if (offset < 0 || offset >= sizeOf(range)) throw new Error(`${text} has no address ${offset}`);
  return formatAddress(range.first + offset);
}

/** How many addresses the range holds. */
export function sizeOf(range: Range): number {
  return 2 ** (32 - range.length);
}

/** The last address of the range; in a network of hosts, its broadcast address. */
export function lastOf(range: Range): number {
  return range.first + sizeOf(range) - 1;
}

export function overlap(a: Range, b: Range): boolean {
  return a.first <= lastOf(b) && b.first <= lastOf(a);
}

export function within(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && lastOf(inner) <= lastOf(outer);
}

/**
 * Whether a prefix holds an address or another prefix.
 * @throws Error when the prefix is no canonical CIDR; a text inside that is none is held by nothing
 */
export function contains(prefix: string, inner: string): boolean {
  const parsed = parseCidr(inner.includes("/") ? inner : `${inner}/32`);
  return isRange(parsed) && within(cidr(prefix), parsed);
}

/** How many blocks of a prefix length the range holds. */
export function blocksIn(range: Range, blockLength: number): number {
  return blockLength < range.length ? 0 : 2 ** (blockLength - range.length);
}

/** The lowest range of that length inside the parent that touches none of the taken ones. */
export function nextFree(
  parent: Range,
  length: number,
  taken: readonly Range[],
): Range | undefined {
  if (length < parent.length) return undefined;
  const step = 2 ** (32 - length);
  const sorted = taken.filter((range) => overlap(parent, range)).sort((a, b) => a.first - b.first);
  let first = parent.first;
  for (const range of sorted) {
    if (first + step - 1 < range.first) break;
    first = Math.max(first, Math.ceil((lastOf(range) + 1) / step) * step);
  }
  const found = { first, length };
  return within(parent, found) ? found : undefined;
}
