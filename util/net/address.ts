/** Addresses of either family. ipaddr.js and node:net read and write them; here they are numbers that can be counted with. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** The IP version. */
export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  /** All bits of the address as one number. */
  readonly value: bigint;
}

/** How many bits an address has; also the length of a prefix that holds one address. */
export const widthOf: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** @returns undefined when the text is no address. Leading zeros (octal to some programs) and zones (`%eth0`) are refused. */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text);
  if ((family !== 4 && family !== 6) || text.includes("%")) return undefined;
  return { family, value: family === 4 ? ofDotted(text) : numberOf(withoutDots(text)) };
}

/** Of a text that is known to be dotted decimal; ipaddr.js would look for octal and hexadecimal, too, which takes longer. */
function ofDotted(text: string): bigint {
  return BigInt(text.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0));
}

function numberOf(text: string): bigint {
  return BigInt(`0x${Buffer.from(ipaddr.parse(text).toByteArray()).toString("hex")}`);
}

/** The last 32 bits of IPv6 in its own form: ipaddr.js takes `::192.0.2.1` for `::ffff:192.0.2.1`. */
function withoutDots(text: string): string {
  return text.replace(/[\d.]+\.\d+$/, (dotted) => {
    const value = ofDotted(dotted);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
}

/** Those that were read before: who judges a hundred kernels asks for a few addresses a hundred thousand times. */
const known = new Map<string, Address>();
const most = 10_000;

/** @throws Error when the text is no address; for texts that were validated before */
export function address(text: string): Address {
  const before = known.get(text);
  if (before !== undefined) return before;
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  if (known.size === most) known.clear();
  known.set(text, parsed);
  return parsed;
}

/** The canonical text: dotted decimal, or RFC 5952. */
export function formatAddress({ family, value }: Address): string {
  const digits = value.toString(16).padStart(widthOf[family] / 4, "0");
  return ipaddr.fromByteArray([...Buffer.from(digits, "hex")]).toString();
}

/** For sorting: IPv4 before IPv6, then by number. */
export function compareAddresses(a: Address, b: Address): number {
  return a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
}
