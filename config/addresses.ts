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

/** Reads the address of a host on the node network. */
export function readAddress(
  path: Path,
  text: string | undefined,
  network: Range | undefined,
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
  if (network === undefined) return text;
  const allowed = `${formatAddress(network.first + 1)} to ${formatAddress(lastOf(network) - 1)}`;
  const complain = (what: string) => {
    problems.push({ path, message: `found ${text}, ${what}; allowed: ${allowed}` });
    return undefined;
  };
  if (!within(network, { first: address, length: 32 }))
    return complain(`which is outside network.nodes ${formatCidr(network)}`);
  if (sizeOf(network) > 2 && address === network.first)
    return complain("which is the network address");
  if (sizeOf(network) > 2 && address === lastOf(network))
    return complain("which is the broadcast address");
  return text;
}

/** No two claims may overlap, nor one of them Docker's own bridge; each collision is told once, at the later claim. */
export function collisions(
  claims: readonly Claim[],
  supernet: Range | undefined,
  problems: Problem[],
): void {
  for (const [index, claim] of claims.entries()) {
    for (const other of claims.slice(0, index)) {
      if (overlap(other.range, claim.range))
        problems.push({
          path: claim.path,
          message: `found ${formatCidr(claim.range)}, which overlaps ${formatCidr(other.range)} of ${dotted(other.path)}; ${advice(claim, claims, supernet)}`,
        });
    }
    for (const { range, what } of dockerBridge) {
      if (overlap(range, claim.range))
        problems.push({
          path: claim.path,
          message: `found ${formatCidr(claim.range)}, which overlaps ${formatCidr(range)}, ${what}; ${advice(claim, claims, supernet)}`,
        });
    }
  }
}

function advice(claim: Claim, claims: readonly Claim[], supernet: Range | undefined): string {
  const { length } = claim.range;
  const taken = [...claims, ...dockerBridge, ...reserved]
    .filter((one) => one !== claim)
    .map((one) => one.range);
  const inSupernet = supernet !== undefined && claim.path.at(-1) === "podCidr";
  const parents = inSupernet ? [supernet] : privateRanges;
  for (const parent of parents) {
    const free = nextFree(parent, length, taken);
    if (free !== undefined) return `the next free /${length} is ${formatCidr(free)}`;
  }
  const where = inSupernet ? ` in network.supernet ${formatCidr(supernet)}` : "";
  return `there is no free /${length}${where}`;
}

/** RFC 1918. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap((text) => {
  const range = parseCidr(text);
  return isRange(range) ? [range] : [];
});

/** A range must hold a block for every node that runs containers, and a spare one each. */
export function capacity(
  claim: Claim,
  blockSize: number,
  speakers: number,
  problems: Problem[],
): void {
  const blocks = blocksIn(claim.range, blockSize);
  const needed = 2 * speakers;
  if (blocks >= needed) return;
  const length = blockSize - Math.ceil(Math.log2(Math.max(1, needed)));
  problems.push({
    path: claim.path,
    message: `found ${formatCidr(claim.range)}, which holds ${blocks} /${blockSize} blocks; needed: ${needed}, one in use and one spare for each BGP speaker; allowed: /${length} or larger`,
  });
}
