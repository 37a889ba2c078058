import { blocksIn, formatPrefix } from "../util/net";
import { poolNames } from "../util/ranges";
import type { Claim } from "./claims";
import type { CoeDraft } from "./draft";
import type { Path, Problem } from "./problems";

/** Whether the configuration names a range's pool, which is there already. */
export function isAdopted({ pool, podCidr = [] }: CoeDraft, range: string): boolean {
  return poolNames(podCidr, pool)[range] !== undefined;
}

/** Calico makes no pool without room for a block, but for one that gives no addresses any more ("IP pool": cidr). */
export function blockRoom(
  path: Path,
  { retiring = [] }: CoeDraft,
  claims: readonly Claim[],
  blockSize: number,
  problems: Problem[],
): void {
  const small = claims.filter(
    ({ range }) => blocksIn(range, blockSize) === 0 && !retiring.includes(formatPrefix(range)),
  );
  for (const { range } of small)
    problems.push({
      path,
      message: `found ${formatPrefix(range)}, which holds no /${blockSize} block; allowed: /${blockSize} or larger, or blockSize ${range.length} or more`,
    });
}

/**
 * The ranges of a COE hold a block for every node that runs containers, and a spare one each. A pool that is in use cannot
 * grow, so where all of them are there already this is no more than worth knowing.
 * @returns whether they are refused
 */
export function capacity(
  claims: readonly Claim[],
  blockSize: number,
  speakers: number,
  problems: Problem[],
): boolean {
  const [first, ...more] = claims;
  if (first === undefined) return false;
  const blocks = claims.reduce((sum, { range }) => sum + blocksIn(range, blockSize), 0);
  const needed = 2 * speakers;
  if (blocks >= needed) return false;
  const held = more.length === 0 ? "holds" : "hold";
  const found = `found ${claims.map(({ range }) => formatPrefix(range)).join(", ")}, which ${held} ${blocks} /${blockSize} blocks`;
  if (claims.every(({ exists }) => exists)) {
    const effect =
      blocks < speakers
        ? `for ${count(speakers)}; those without a block borrow single addresses, each a route of its own`
        : `for ${count(speakers)}; a node that needs a second block may find none`;
    problems.push({
      path: first.path,
      level: "warning",
      message: `${found} ${effect}; a pool in use cannot grow: add a range to podCidr for more`,
    });
    return false;
  }
  const length = blockSize - Math.ceil(Math.log2(Math.max(1, needed)));
  const allowed = more.length === 0 ? `/${length} or larger` : "more or larger ranges";
  problems.push({
    path: first.path,
    message: `${found}; needed: ${needed}, one in use and one spare for each BGP speaker; allowed: ${allowed}`,
  });
  return true;
}

function count(speakers: number): string {
  return speakers === 1 ? "1 BGP speaker" : `${speakers} BGP speakers`;
}

/** Names of pools, each of a range of the COE and of one pool alone. */
export function poolProblems(
  path: Path,
  { pool, podCidr = [] }: CoeDraft,
  problems: Problem[],
): void {
  if (typeof pool === "string") {
    poolName(path, pool, problems);
    if (podCidr.length > 1)
      problems.push({
        path,
        message: `found one name for ${podCidr.length} ranges; allowed: a map from range to name, such as { ${podCidr[0]}: ${pool} }`,
      });
    return;
  }
  const owners = new Map<string, string>();
  for (const [range, name] of Object.entries(pool ?? {})) {
    poolName([...path, range], name, problems);
    const owner = owners.get(name);
    if (owner !== undefined)
      problems.push({
        path: [...path, range],
        message: `found ${name}, which is also the pool of ${owner}; allowed: a pool of its own`,
      });
    owners.set(name, range);
    if (!podCidr.includes(range))
      problems.push({
        path: [...path, range],
        message: `found a name for ${range}; allowed: names for ${podCidr.join(", ")}`,
      });
  }
}

/** Pools that the plan makes in a cluster are named after their ranges, so no pool of another range has such a name. */
export function derivedNames(
  path: Path,
  { pool, podCidr = [] }: CoeDraft,
  claims: readonly Claim[],
  problems: Problem[],
): void {
  for (const [range, name] of Object.entries(poolNames(podCidr, pool))) {
    const other = claims
      .map((claim) => formatPrefix(claim.range))
      .find((text) => text !== range && text.replace(/[./]/g, "-") === name);
    if (other !== undefined)
      problems.push({
        path: typeof pool === "string" ? path : [...path, range],
        message: `found ${name}, which is the name of a pool of ${other}; allowed: a name of its own`,
      });
  }
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = new RegExp(`^${label}(\\.${label})*$`);

/** Names of Calico's objects are DNS subdomains (RFC 1123): its own rule does not limit the labels between the dots. */
function poolName(path: Path, name: string, problems: Problem[]): void {
  if (subdomain.test(name) && name.length <= 253) return;
  problems.push({
    path,
    message: `found ${JSON.stringify(name)}; allowed: the name of a pool, 1 to 253 of a-z, 0-9, - and ., with a letter or digit at both ends and on both sides of a dot`,
  });
}
