import {
  blocksIn,
  formatAddress,
  formatCidr,
  isRange,
  lastOf,
  nextFree,
  overlap,
  parseAddress,
  parseCidr,
  type Range,
  sizeOf,
  within,
} from "../util/cidr";
import { dotted, type Path, type Problem } from "./problems";

/** A range somebody claims, with where it stands. */
export interface Claim {
  readonly path: Path;
  readonly range: Range;
}

interface Reserved {
  readonly range: Range;
  readonly what: string;
}

const reserve = (text: string, what: string): Reserved[] => {
  const range = parseCidr(text);
  return isRange(range) ? [{ range, what }] : [];
};

/** Ranges no host or container may use (RFC 6890), beside the range of Docker's own bridge. */
const reserved: readonly Reserved[] = [
  ...reserve("0.0.0.0/8", "reserved for this network (RFC 6890)"),
  ...reserve("127.0.0.0/8", "reserved for loopback (RFC 6890)"),
  ...reserve("169.254.0.0/16", "reserved for link-local addresses (RFC 6890)"),
  ...reserve("224.0.0.0/4", "reserved for multicast (RFC 5771)"),
];

const dockerBridge = reserve("172.17.0.0/16", "the range of Docker's own bridge");

/** Reads a range; whatever is wrong with the text itself goes to the problems. */
export function readRange(
  path: Path,
  text: string | undefined,
  problems: Problem[],
): Range | undefined {
  if (text === undefined) return undefined;
  const parsed = parseCidr(text);
  if (isRange(parsed)) {
    const hit = reserved.find((one) => overlap(one.range, parsed));
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

/** No two claims may overlap, nor one of them Docker's own bridge; each collision is told once, at the later claim. */
export function collisions(
  claims: readonly Claim[],
  supernets: readonly Range[] | undefined,
  problems: Problem[],
): void {
  for (const [index, claim] of claims.entries()) {
    for (const other of claims.slice(0, index)) {
      if (overlap(other.range, claim.range))
        problems.push({
          path: claim.path,
          message: `found ${formatCidr(claim.range)}, which overlaps ${formatCidr(other.range)} of ${dotted(other.path)}; ${advice(claim, claims, supernets)}`,
        });
    }
    for (const { range, what } of dockerBridge) {
      if (overlap(range, claim.range))
        problems.push({
          path: claim.path,
          message: `found ${formatCidr(claim.range)}, which overlaps ${formatCidr(range)}, ${what}; ${advice(claim, claims, supernets)}`,
        });
    }
  }
}

function advice(claim: Claim, claims: readonly Claim[], supernets: readonly Range[] = []): string {
  const { length } = claim.range;
  const taken = [...claims, ...dockerBridge, ...reserved]
    .filter((one) => one !== claim)
    .map((one) => one.range);
  const inSupernet = supernets.length > 0 && claim.path.at(-1) === "podCidr";
  const parents = inSupernet ? supernets : privateRanges;
  for (const parent of parents) {
    const free = nextFree(parent, length, taken);
    if (free !== undefined) return `the next free /${length} is ${formatCidr(free)}`;
  }
  const where = inSupernet ? ` in network.supernet ${supernets.map(formatCidr).join(" or ")}` : "";
  return `there is no free /${length}${where}`;
}

/** RFC 1918. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap((text) => {
  const range = parseCidr(text);
  return isRange(range) ? [range] : [];
});

/** The ranges of a COE hold a block for every node that runs containers, and a spare one each. */
export function capacity(
  claims: readonly Claim[],
  blockSize: number,
  speakers: number,
  problems: Problem[],
): void {
  const [first, ...more] = claims;
  if (first === undefined) return;
  const blocks = claims.reduce((sum, { range }) => sum + blocksIn(range, blockSize), 0);
  const needed = 2 * speakers;
  if (blocks >= needed) return;
  const length = blockSize - Math.ceil(Math.log2(Math.max(1, needed)));
  problems.push({
    path: first.path,
    message: `found ${claims.map(({ range }) => formatCidr(range)).join(", ")}, which ${more.length === 0 ? "holds" : "hold"} ${blocks} /${blockSize} blocks; needed: ${needed}, one in use and one spare for each BGP speaker; allowed: ${more.length === 0 ? `/${length} or larger` : "more or larger ranges"}`,
  });
}
