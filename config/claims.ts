import { formatPrefix, nextFree, overlap, overlaps, type Prefix, prefix } from "../util/net";
import { reserved } from "./addresses";
import { dotted, type Path, type Problem } from "./problems";

/** A range that somebody claims, with where it stands. */
export interface Claim {
  readonly path: Path;
  readonly range: Prefix;
  /** The COE whose range it is; absent for networks of nodes. */
  readonly coe?: string;
  /** Whether other COEs have a route to it. A range of services that is not announced is its own COE's affair. */
  readonly routed: boolean;
  /** Whether it is in use already, so that it cannot be another one. */
  readonly exists: boolean;
  /** What takes traffic to it on the COE's nodes, where it is a range of services that is not announced. */
  readonly proxy?: string;
}

/**
 * Ranges that are routed between COEs are unique. Each collision is told once: at the range that can still be chosen,
 * where there is one, else at the later one.
 */
export function collisions(
  claims: readonly Claim[],
  supernets: readonly Prefix[],
  problems: Problem[],
): void {
  for (const pair of overlaps(claims.map(({ range }) => range))) {
    const [earlier, later] = pair.flatMap((place) => claims[place] ?? []);
    if (earlier === undefined || later === undefined) continue;
    if (!earlier.routed && !later.routed) continue;
    const swap = later.exists && !earlier.exists;
    const [claim, other] = swap ? [earlier, later] : [later, earlier];
    const head = `found ${formatPrefix(claim.range)}, which overlaps ${formatPrefix(other.range)} of ${dotted(other.path)}`;
    const parts = [head, ...reason(claim, other), wayOut(claim, other, claims, supernets)];
    problems.push({ path: claim.path, message: parts.join("; ") });
  }
}

/** Why a range of services that is not announced counts here. */
function reason(claim: Claim, other: Claim): string[] {
  const silent = [claim, other].find(({ routed }) => !routed);
  if (silent?.coe === undefined || silent.proxy === undefined || claim.coe === other.coe) return [];
  const owner = silent.coe;
  return [
    `services of ${owner} are not announced, but ${silent.proxy} on its nodes takes traffic to them, so ${owner} could not reach the other range`,
  ];
}

/** What can be done: nothing that exists is asked to move. */
function wayOut(
  claim: Claim,
  other: Claim,
  claims: readonly Claim[],
  supernets: readonly Prefix[],
): string {
  const networks = [claim, other].every(({ coe }) => coe === undefined);
  if (networks || dotted(claim.path) === dotted(other.path))
    return "allowed: ranges apart from each other";
  if (!claim.exists) return nextFreeRange(claim, claims, supernets);
  if ([claim, other].every(({ path }) => isService(path))) {
    const announced = [claim, other].filter(({ routed }) => routed);
    const [only] = announced;
    return announced.length > 1 || only === undefined
      ? "both exist: announce only one of them"
      : `both exist: do not announce ${dotted(only.path)}`;
  }
  const coes = [claim.coe, other.coe].flatMap((coe) => (coe === undefined ? [] : [`coes.${coe}`]));
  return `both exist: leave ${[...new Set(coes)].join(" or ")} out of the plan, or reach it through NAT outside of the plan`;
}

function isService(path: Path): boolean {
  return ["serviceCidr", "loadBalancerCidr", "externalCidr"].includes(path.at(-1) ?? "");
}

/** RFC 1918, and the addresses shared by carriers (RFC 6598), which other networks use for containers too. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(
  prefix,
);

/** Ranges of IPv6 for a site's own use (RFC 4193) begin with 40 random bits, so that none can be proposed. */
const ownIpv6 = "allowed: a range apart from it";

/** Where Docker puts its own bridge unless it is told otherwise. */
export const dockerBridge = [prefix("172.17.0.0/16")];

function nextFreeRange(
  claim: Claim,
  claims: readonly Claim[],
  supernets: readonly Prefix[],
): string {
  const { length, family } = claim.range;
  const parents = supernets.filter((one) => one.family === family);
  const others = [...claims, ...reserved].filter((one) => one !== claim).map(({ range }) => range);
  const inSupernet = parents.length > 0 && claim.path.at(-1) === "podCidr";
  if (!inSupernet && family === 6) return ownIpv6;
  for (const parent of inSupernet ? parents : privateRanges) {
    const free = nextFree(parent, length, [...others, ...dockerBridge]);
    if (free !== undefined) return `the next free /${length} is ${formatPrefix(free)}`;
  }
  const where = inSupernet ? ` in network.supernet ${parents.map(formatPrefix).join(" or ")}` : "";
  return `there is no free /${length}${where}`;
}

/** Reflectors run on Docker. Its range is a problem only on a host that has it, which is looked at before one is made. */
export function dockerRange(claims: readonly Claim[], problems: Problem[]): void {
  for (const { path, range, coe, routed } of claims) {
    const effect =
      coe === undefined
        ? "a reflector's Docker host with such a bridge does not reach these nodes"
        : "a node that runs Docker with such a bridge has the same addresses on it";
    for (const bridge of dockerBridge.filter((one) => routed && overlap(one, range)))
      problems.push({
        path,
        level: "warning",
        message: `found ${formatPrefix(range)}, which overlaps ${formatPrefix(bridge)}, where Docker puts its own bridge by default; ${effect}: give the bridge another range there (bip in daemon.json)`,
      });
  }
}
