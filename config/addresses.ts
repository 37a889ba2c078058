import {
  formatAddress,
  formatCidr,
  isRange,
  lastOf,
  overlap,
  parseAddress,
  parseCidr,
  type Range,
  sizeOf,
  within,
} from "../util/cidr";
import type { Path, Problem } from "./problems";

interface Reserved {
  readonly range: Range;
  readonly what: string;
}

const reserve = (text: string, what: string): Reserved[] => {
  const range = parseCidr(text);
  return isRange(range) ? [{ range, what }] : [];
};

/** Ranges no host or container may use (RFC 6890). */
export const reserved: readonly Reserved[] = [
  ...reserve("0.0.0.0/8", "reserved for this network (RFC 6890)"),
  ...reserve("127.0.0.0/8", "reserved for loopback (RFC 6890)"),
  ...reserve("169.254.0.0/16", "reserved for link-local addresses (RFC 6890)"),
  ...reserve("224.0.0.0/4", "reserved for multicast (RFC 5771)"),
];

/** BIRD takes no address of it for one that is routed, and drops such routes without a word. */
const unrouted = reserve("240.0.0.0/4", "reserved (RFC 1112), whose routes BIRD drops");

/**
 * Reads a range; whatever is wrong with the text itself goes to the problems.
 * @param routed whether BGP is to carry it
 */
export function readRange(
  path: Path,
  text: string | undefined,
  problems: Problem[],
  routed = true,
): Range | undefined {
  if (text === undefined) return undefined;
  const parsed = parseCidr(text);
  if (isRange(parsed)) {
    const refused = routed ? [...reserved, ...unrouted] : reserved;
    const hit = refused.find((one) => overlap(one.range, parsed));
    if (hit === undefined) return parsed;
    problems.push({
      path,
      message: `found ${text}, which overlaps ${formatCidr(hit.range)}, ${hit.what}; allowed: ranges for hosts, such as those of RFC 1918`,
    });
    return undefined;
  }
  problems.push({
    path,
    message:
      parsed.fault === "syntax"
        ? `found ${JSON.stringify(text)}; allowed: an IPv4 range such as 192.168.0.0/17`
        : `found ${text}, which has host bits set; allowed: ${parsed.canonical}`,
  });
  return undefined;
}

/** Reads a list of ranges; those with something wrong are left out, and undefined when there were none. */
export function readRanges(
  path: Path,
  texts: readonly string[] | undefined,
  problems: Problem[],
): Range[] | undefined {
  return texts?.flatMap((text) => readRange(path, text, problems) ?? []);
}

/** Reads the address of a host on the node network. */
export function readAddress(
  path: Path,
  text: string | undefined,
  networks: readonly Range[] | undefined,
  problems: Problem[],
): string | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address === undefined) {
    problems.push({
      path,
      message: `found ${JSON.stringify(text)}; allowed: an IPv4 address such as 172.16.18.33`,
    });
    return undefined;
  }
  if (networks === undefined || networks.length === 0) return text;
  const allowed = networks
    .map((one) => `${formatAddress(one.first + 1)} to ${formatAddress(lastOf(one) - 1)}`)
    .join(", ");
  const complain = (what: string) => {
    problems.push({ path, message: `found ${text}, ${what}; allowed: ${allowed}` });
    return undefined;
  };
  const network = networks.find((one) => within(one, { first: address, length: 32 }));
  if (network === undefined)
    return complain(`which is outside network.nodes ${networks.map(formatCidr).join(" and ")}`);
  if (sizeOf(network) > 2 && address === network.first)
    return complain("which is the network address");
  if (sizeOf(network) > 2 && address === lastOf(network))
    return complain("which is the broadcast address");
  return text;
}
