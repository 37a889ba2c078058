import {
  type Address,
  addressAt,
  compareAddresses,
  firstOf,
  formatAddress,
  formatPrefix,
  holds,
  isPrefix,
  lastOf,
  overlap,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefix,
  sizeOf,
} from "../util/net";
import type { Path, Problem } from "./problems";

interface Reserved {
  readonly range: Prefix;
  readonly what: string;
}

const reserve = (text: string, what: string): Reserved => ({ range: prefix(text), what });

/** Ranges no host or container may use (RFC 6890). */
export const reserved: readonly Reserved[] = [
  reserve("0.0.0.0/8", "reserved for this network (RFC 6890)"),
  reserve("127.0.0.0/8", "reserved for loopback (RFC 6890)"),
  reserve("169.254.0.0/16", "reserved for link-local addresses (RFC 6890)"),
  reserve("224.0.0.0/4", "reserved for multicast (RFC 5771)"),
  reserve("::1/128", "reserved for loopback (RFC 4291)"),
  reserve("::ffff:0:0/96", "reserved for IPv4 addresses written as IPv6 (RFC 4291)"),
  reserve("::/8", "reserved (RFC 4291)"),
  reserve("100::/64", "reserved: what goes there is dropped (RFC 6666)"),
  reserve("fe80::/10", "reserved for link-local addresses (RFC 4291)"),
  reserve("fec0::/10", "no longer in use (RFC 3879)"),
  reserve("ff00::/8", "reserved for multicast (RFC 4291)"),
];

/** Routers take no address of it for one that is routed, and drop such routes without a word. */
const unrouted = reserve("240.0.0.0/4", "reserved (RFC 1112): routers drop its routes");

/**
 * Reads a range; whatever is wrong with the text itself goes to the problems.
 * @param routed whether BGP is to carry it
 */
export function readRange(
  path: Path,
  text: string | undefined,
  problems: Problem[],
  routed = true,
): Prefix | undefined {
  if (text === undefined) return undefined;
  const parsed = parsePrefix(text);
  if (isPrefix(parsed)) {
    if (formatPrefix(parsed) !== text) {
      problems.push({
        path,
        message: `found ${text}; allowed: ${formatPrefix(parsed)} (RFC 5952)`,
      });
      return undefined;
    }
    const refused = routed ? [...reserved, unrouted] : reserved;
    const hit = refused.find((one) => overlap(one.range, parsed));
    if (hit === undefined) return parsed;
    problems.push({
      path,
      message: `found ${text}, which overlaps ${formatPrefix(hit.range)}, ${hit.what}; allowed: ranges for hosts, such as those of ${parsed.family === 4 ? "RFC 1918" : "RFC 4193"}`,
    });
    return undefined;
  }
  problems.push({
    path,
    message:
      parsed.fault === "syntax"
        ? `found ${JSON.stringify(text)}; allowed: a range such as 192.168.0.0/17 or 2001:db8:1::/64`
        : `found ${text}, which has host bits set; allowed: ${parsed.canonical}`,
  });
  return undefined;
}

/** Reads a list of ranges; those with something wrong are left out, and undefined when there were none. */
export function readRanges(
  path: Path,
  texts: readonly string[] | undefined,
  problems: Problem[],
  routed = true,
): Prefix[] | undefined {
  return texts?.flatMap((text) => readRange(path, text, problems, routed) ?? []);
}

/** Reads the address of a host on the node network. */
export function readAddress(
  path: Path,
  text: string | undefined,
  networks: readonly Prefix[] | undefined,
  problems: Problem[],
): string | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address === undefined) {
    problems.push({
      path,
      message: `found ${JSON.stringify(text)}; allowed: an address such as 172.16.18.33 or 2001:db8:18::33`,
    });
    return undefined;
  }
  if (formatAddress(address) !== text) {
    problems.push({
      path,
      message: `found ${text}; allowed: ${formatAddress(address)} (RFC 5952)`,
    });
    return undefined;
  }
  if (networks === undefined || networks.length === 0) return text;
  const what = unusable(address, networks);
  if (what === undefined) return text;
  const alike = networks.filter(({ family }) => family === address.family);
  const allowed = alike.map(hostsOf).join(", ");
  if (alike.length === 0) {
    const name = `IPv${address.family}`;
    problems.push({
      path,
      message: `found ${text}; network.nodes has no ${name} range; allowed: no ${name} address, or a range for it in network.nodes`,
    });
    return undefined;
  }
  problems.push({ path, message: `found ${text}, ${what}; allowed: ${allowed}` });
  return undefined;
}

/** Why no host can have an address; undefined when one can. */
function unusable(address: Address, networks: readonly Prefix[]): string | undefined {
  const network = networks.find((one) => holds(one, address));
  if (network === undefined)
    return `which is outside network.nodes ${networks
      .filter(({ family }) => family === address.family)
      .map(formatPrefix)
      .join(" and ")}`;
  if (sizeOf(network) <= 2n) return undefined;
  if (compareAddresses(address, firstOf(network)) === 0)
    return network.family === 4
      ? "which is the network address"
      : "which is the address of all routers on that network (RFC 4291)";
  if (network.family === 6) return undefined;
  if (compareAddresses(address, lastOf(network)) === 0) return "which is the broadcast address";
  return undefined;
}

/** The addresses of hosts in a network, without the network's own and, in IPv4, the broadcast address. */
function hostsOf(network: Prefix): string {
  const text = formatPrefix(network);
  return `${addressAt(text, 1)} to ${addressAt(text, network.family === 4 ? -2 : -1)}`;
}
