import {
  address,
  familyOf,
  holds,
  isPrefix,
  type Prefix,
  parsePrefix,
  widthOf,
} from "../../util/net";
import type { FirewallMatch } from "./types";

/** A packet as a firewall sees it. */
export interface FirewallPacket {
  readonly from: string;
  readonly to: string;
  /** Undefined where it is not known. */
  readonly iif?: string;
  readonly oif?: string;
  readonly protocol: "tcp" | "udp" | "icmp" | "arp";
  /** Of TCP; UDP's are not known. */
  readonly ports?: { readonly from: number; readonly to: number };
  /** Of ICMP in IPv6. Default: an echo request. */
  readonly type?: number;
  /** Of ARP (RFC 826): a request, a reply. */
  readonly opcode?: 1 | 2;
  readonly length: number;
  /** What finds neighbours is of no connection. */
  readonly state: "NEW" | "ESTABLISHED" | "UNTRACKED";
}

/** By number, the protocols that packets here are of, as iptables calls them. */
export const protocolNames: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp" };

/** `sometimes` is for what looks at chance or at a rate; `maybe` for what is not known here. */
export type Matching = "yes" | "no" | "maybe" | "sometimes";

/** Whether a packet is what one option of a rule asks for. @param mark what earlier rules have marked it with */
export function matching(match: FirewallMatch, packet: FirewallPacket, mark: number): Matching {
  const found = plain(match, packet, mark);
  if (found === "maybe" || found === "sometimes") return found;
  return (found === "yes") !== match.not ? "yes" : "no";
}

function plain(match: FirewallMatch, packet: FirewallPacket, mark: number): Matching {
  const { values } = match;
  const [value = "", second = ""] = values;
  switch (match.option) {
    case "-s":
      return yesIf(values.some((one) => inRange(one, packet.from)));
    case "-d":
      return yesIf(values.some((one) => inRange(one, packet.to)));
    case "--src-range":
      return yesIf(betweenAddresses(value, packet.from));
    case "--dst-range":
      return yesIf(betweenAddresses(value, packet.to));
    case "-i":
      return isOneOf(values, packet.iif);
    case "-o":
      return isOneOf(values, packet.oif);
    case "-p":
      return yesIf(values.some((one) => isProtocol(one, packet)));
    case "-f":
      return "no";
    case "--sport":
    case "--sports":
      return packet.ports === undefined ? "maybe" : yesIf(arePorts(values, packet.ports.from));
    case "--dport":
    case "--dports":
      return packet.ports === undefined ? "maybe" : yesIf(arePorts(values, packet.ports.to));
    case "--length":
      return yesIf(between(value, packet.length));
    case "--ctstate":
    case "--state":
      return yesIf(value.split(",").includes(packet.state));
    case "--ctdir":
      return "maybe";
    case "--mark":
      return yesIf(isMark(value, mark));
    case "--tcp-flags":
      return packet.protocol === "tcp" ? flags(value, second, packet.state) : "no";
    case "--icmp-type":
      return packet.protocol === "icmp" ? yesIf(["8", "8/0", "255", "any"].includes(value)) : "no";
    case "--icmpv6-type":
      return packet.protocol === "icmp" ? yesIf(value.split("/")[0] === typeOf(packet)) : "no";
    case "--opcode":
      return yesIf(value.split(",").includes(`${packet.opcode}`));
    case "--src-type":
    case "--dst-type":
      return yesIf(value.split(",").includes("UNICAST"));
    case "--comment":
    case "--nfacct-name":
      return "yes";
    default:
      return byChance.has(match.option) ? "sometimes" : neutral.has(match.option) ? "yes" : "maybe";
  }
}

function isProtocol(value: string, packet: FirewallPacket): boolean {
  return value === packet.protocol || value === "all" || isIcmp6(value, packet);
}

/** ICMP of IPv6 is a protocol of its own, which ip6tables-save writes in two ways. */
function isIcmp6(value: string, { protocol, from }: FirewallPacket): boolean {
  return (
    protocol === "icmp" && familyOf(from) === 6 && ["ipv6-icmp", "icmpv6", "58"].includes(value)
  );
}

/** An echo request, where nothing else is said. */
function typeOf({ type = 128 }: FirewallPacket): string {
  return `${type}`;
}

/** Options that let a rule look at some of the packets only. */
const byChance = new Set([
  ...["--mode", "--limit", "--hashlimit-upto", "--hashlimit-above", "--connlimit-above"],
  ...["--connlimit-upto", "--quota", "--rateest", "--connbytes"],
]);

/** Options that say more of another option. */
const neutral = new Set([
  ...["--probability", "--every", "--packet", "--limit-burst", "--hashlimit-burst"],
  ...["--hashlimit-mode", "--hashlimit-name", "--hashlimit-htable-expire", "--connlimit-mask"],
  ...["--connlimit-saddr", "--connbytes-mode", "--connbytes-dir"],
]);

/** A connection's first packet has SYN alone; all others have ACK, and some of them PSH. */
function flags(looked: string, wanted: string, state: FirewallPacket["state"]): Matching {
  const [mask, set] = [flagsOf(looked), flagsOf(wanted)];
  const own = state === "NEW" ? "SYN" : "ACK";
  const rest = new Set([...mask].filter((flag) => state === "NEW" || flag !== "PSH"));
  const asked = [...set].filter((flag) => rest.has(flag));
  const equal = rest.has(own) ? asked.length === 1 && asked[0] === own : asked.length === 0;
  if (!equal) return "no";
  return rest.size === mask.size ? "yes" : "maybe";
}

const allFlags = ["SYN", "ACK", "FIN", "RST", "PSH", "URG"];

function flagsOf(list: string): ReadonlySet<string> {
  if (list === "NONE" || list === "") return new Set();
  return new Set(list === "ALL" ? allFlags : list.split(","));
}

/** The prefix of `-s` and `-d`, whose masks may be dotted; undefined where it is none. */
export function rangeOf(text: string): Prefix | undefined {
  const [base = "", mask = String(widthOf[familyOf(base) ?? 4])] = text.split("/");
  const length = mask.includes(".") ? bitsOf(mask) : Number(mask);
  const parsed = parsePrefix(`${base}/${length}`);
  return isPrefix(parsed) ? parsed : undefined;
}

function bitsOf(mask: string): number {
  return address(mask).value.toString(2).replace(/0+$/, "").length;
}

function inRange(range: string, one: string): boolean {
  if (range.includes("-")) return betweenAddresses(range, one);
  const found = rangeOf(range);
  return found !== undefined && holds(found, address(one));
}

function betweenAddresses(range: string, one: string): boolean {
  const [first = "", last = first] = range.split("-");
  const { value } = address(one);
  return address(first).value <= value && value <= address(last).value;
}

function isOneOf(patterns: readonly string[], device: string | undefined): Matching {
  if (device === undefined) return "maybe";
  return yesIf(patterns.some((pattern) => isDevice(pattern, device)));
}

/** `eth0`, `cali+`. */
function isDevice(pattern: string, device: string): boolean {
  return pattern.endsWith("+") ? device.startsWith(pattern.slice(0, -1)) : pattern === device;
}

function arePorts(lists: readonly string[], port: number): boolean {
  return lists.some((list) => isPort(list, port));
}

/** `80`, `80,443`, `1000:2000`. */
function isPort(list: string, port: number): boolean {
  return list.split(",").some((one) => between(one, port));
}

/** `1000`, `1000:`, `:1000`, `1000:1500`. */
export function between(range: string, value: number): boolean {
  const [low = "", high = low] = range.split(":");
  return (
    Number(low || 0) <= value && value <= (high === "" ? Number.MAX_SAFE_INTEGER : Number(high))
  );
}

/** `0x1`, `0x1/0xff`. */
function isMark(text: string, mark: number): boolean {
  const [value = "", mask = "0xffffffff"] = text.split("/");
  return (mark & Number(mask)) === (Number(value) & Number(mask));
}

function yesIf(condition: boolean): Matching {
  return condition ? "yes" : "no";
}
