/** What single values of Calico's objects may be, as predicates on their text. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { parseAsNumber } from "../../../../util/as-number";

/** A range of addresses, of either version. */
export interface Network {
  readonly version: 4 | 6;
  /** Prefix length. */
  readonly length: number;
  /** As it is written when it has no host bits. */
  readonly canonical: string;
  /** Whether it was written so. */
  readonly strict: boolean;
  readonly base: ipaddr.IPv4 | ipaddr.IPv6;
}

/** Whether the text is an IPv4 or IPv6 address, without a zone. */
export function isAddress(text: string): boolean {
  return versionOf(text) !== undefined;
}

/** 4 or 6; undefined when the text is no address. */
export function versionOf(text: string): 4 | 6 | undefined {
  const version = text.includes("%") ? 0 : isIP(text);
  return version === 4 || version === 6 ? version : undefined;
}

/** The range a text in CIDR notation says; undefined when it says none. */
export function network(text: string): Network | undefined {
  const [address = "", bits = "", ...rest] = text.split("/");
  const version = versionOf(address);
  if (version === undefined || rest.length > 0 || !/^\d+$/.test(bits)) return undefined;
  const length = Number(bits);
  if (length > (version === 4 ? 32 : 128)) return undefined;
  const family = version === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
  const base = family.networkAddressFromCIDR(`${address}/${length}`);
  return {
    version,
    length,
    canonical: `${base.toString()}/${length}`,
    strict: base.toString() === family.parse(address).toString(),
    base,
  };
}

/** Like {@link network}; an address stands for the range of it alone. */
export function networkOrAddress(text: string): Network | undefined {
  const width = { 4: 32, 6: 128 }[versionOf(text) ?? 4];
  return network(isAddress(text) ? `${text}/${width}` : text);
}

export function overlaps(a: Network, b: Network): boolean {
  const common = Math.min(a.length, b.length);
  return (
    a.version === b.version && ipaddr.parse(a.canonical.split("/")[0] ?? "").match(b.base, common)
  );
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const nameRegex = new RegExp(`^${label}(\\.${label})*$`);
const simpleNameRegex = new RegExp(`^${label}$`);

/** A name of an object (DNS-1123 subdomain). */
export function isName(text: string): boolean {
  return text.length <= 253 && nameRegex.test(text);
}

/** A name without dots, which fits in a label's value. */
export function isSimpleName(text: string): boolean {
  return text.length <= 63 && simpleNameRegex.test(text);
}

const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** A key of a label or annotation: a name, after the domain of who uses it (Kubernetes "Labels and selectors"). */
export function isQualifiedName(text: string): boolean {
  const parts = text.split("/");
  const [name = "", domain] = parts.reverse();
  return (
    parts.length <= 2 &&
    name.length <= 63 &&
    labelName.test(name) &&
    (domain === undefined || isName(domain))
  );
}

export function isLabelValue(text: string): boolean {
  return text === "" || (text.length <= 63 && labelName.test(text));
}

const below = (limit: number, digits: string) => /^\d+$/.test(digits) && Number(digits) < limit;

/** An AS number: 32 bits, or two times 16 with a dot between (RFC 5396). */
export function isAsNumber(value: unknown): value is number | string {
  if (typeof value === "number")
    return Number.isInteger(value) && value >= 0 && below(2 ** 32, String(value));
  return typeof value === "string" && parseAsNumber(value) !== undefined;
}

/** A port of rules: a number, a range, or the name of a container's port (RFC 6335). */
export function isPort(value: unknown): value is number | string {
  const inRange = (digits: string) => below(2 ** 16, digits) && Number(digits) > 0;
  if (typeof value === "number") return inRange(String(value));
  if (typeof value !== "string") return false;
  const [first = "", last, ...rest] = value.split(":");
  if (/^\d+$/.test(first))
    return (
      inRange(first) &&
      rest.length === 0 &&
      (last === undefined || (inRange(last) && Number(first) <= Number(last)))
    );
  return value.length <= 15 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value) && /[a-z]/.test(value);
}

export const protocols = ["ICMP", "ICMPv6", "SCTP", "TCP", "UDP", "UDPLite"] as const;

/** A protocol of rules: its name as above, or its number. */
export function isProtocol(value: unknown): value is number | string {
  if (typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value)))
    return below(2 ** 8, String(value)) && Number(value) > 0;
  return protocols.some((name) => name === value);
}

/** Whether ports of it can be named. */
export function hasPorts(protocol: number | string | undefined): boolean {
  return ["TCP", "UDP", "SCTP", "6", "17", "132"].includes(String(protocol));
}

/** A standard or large community (RFC 1997, RFC 8092). */
export function isCommunity(text: string): boolean {
  const parts = text.split(":");
  const limit = parts.length === 2 ? 2 ** 16 : 2 ** 32;
  return (parts.length === 2 || parts.length === 3) && parts.every((part) => below(limit, part));
}

/** An address, or one with a port: `192.0.2.1:179`, `[2001:db8::1]:179`. */
export function peerAddress(text: string): string | undefined {
  const [, four, six, port] = /^(?:([\d.]+)|\[([0-9a-fA-F:.]+)\]):(\d+)$/.exec(text) ?? [];
  if (port === undefined) return isAddress(text) ? text : undefined;
  const address = four ?? six ?? "";
  const fits = isAddress(address) && below(2 ** 16, port) && Number(port) > 0;
  return fits ? address : undefined;
}

/** A duration as Go writes it: `120s`, `1m30s`. */
export function isDuration(text: string): boolean {
  return /^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text);
}
