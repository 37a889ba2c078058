import { formatPrefix, overlap, type Prefix, prefix, within } from "../util/net";
import { listOf } from "../util/ranges";
import { readRange } from "./addresses";
import type { CoeDraft } from "./draft";
import { families } from "./family";
import { type CoeKind, hasNodeRanges, kindOf, speaks } from "./kind";
import { dotted, type Path, type Problem } from "./problems";

/** A node needs an address for its bridge and one for a container, beside those of the network and of broadcast. */
export const longestNodeRange = { 4: 30, 6: 126 } as const;

/** Ranges that are a node's own: every node that speaks BGP has one of each family of podCidr, inside of it. */
export function nodeRangeProblems(
  path: Path,
  coe: CoeDraft,
  kind: CoeKind | undefined,
  problems: Problem[],
): void {
  // Of a kind or a speaker that is none, that itself is told.
  if (kind === undefined || kindOf(kind.speakers, speakerOf(coe, kind)) === undefined) return;
  if (!hasNodeRanges(kind, coe)) {
    leftOut(path, coe, kind, problems);
    return;
  }
  blockFields(path, coe, speakerOf(coe, kind), problems);
  const pods = (coe.podCidr ?? []).map(asPrefix).filter((range) => range !== undefined);
  const taken: { readonly at: Path; readonly range: Prefix }[] = [];
  for (const [name, node] of Object.entries(coe.nodes)) {
    const at = [...path, "nodes", name, "podCidr"];
    const given = listOf(node.podCidr);
    if (!speaks(kind, node)) {
      if (given.length > 0)
        problems.push({
          path: at,
          message: `found ${given.join(", ")}; the node does not speak BGP, so that no route leads to it: leave it out`,
        });
      continue;
    }
    const own = given.flatMap((text) => readRange(at, text, problems) ?? []);
    for (const range of own) {
      const twin = taken.find((one) => overlap(one.range, range));
      const misplaced = misplacedIn(coe, pods, range);
      if (misplaced !== undefined) problems.push({ path: at, message: misplaced });
      else if (twin !== undefined)
        problems.push({
          path: at,
          message: `found ${formatPrefix(range)}, which overlaps ${formatPrefix(twin.range)} of ${dotted(twin.at)}; allowed: a range of its own`,
        });
      taken.push({ at, range });
    }
    if (own.length === given.length) familiesOnce(at, given.map(prefix), pods, problems);
  }
}

function speakerOf(coe: CoeDraft, kind: CoeKind): string {
  return coe.speaker ?? kind.defaultSpeaker;
}

function asPrefix(text: string): Prefix | undefined {
  return readRange([], text, []);
}

/** Where nodes take blocks, a node has no range of its own. */
function leftOut(path: Path, coe: CoeDraft, kind: CoeKind, problems: Problem[]): void {
  for (const [name, { podCidr }] of Object.entries(coe.nodes)) {
    if (podCidr === undefined) continue;
    problems.push({
      path: [...path, "nodes", name, "podCidr"],
      message: `found ${listOf(podCidr).join(", ")}; with speaker ${speakerOf(coe, kind)} nodes take blocks of podCidr: leave it out`,
    });
  }
}

/** What is about Calico's pools and their blocks. */
function blockFields(path: Path, coe: CoeDraft, speaker: string, problems: Problem[]): void {
  for (const key of ["pool", "retiring", "blockSize", "blockSize6"] as const) {
    if (coe.written[key] === undefined) continue;
    problems.push({
      path: [...path, key],
      message: `means nothing with speaker ${speaker}: nodes have ranges of their own and take no blocks; leave it out`,
    });
  }
}

function misplacedIn(coe: CoeDraft, pods: readonly Prefix[], range: Prefix): string | undefined {
  const text = formatPrefix(range);
  if (pods.length > 0 && !pods.some((one) => within(one, range)))
    return `found ${text}; allowed: a range inside podCidr ${(coe.podCidr ?? []).join(" or ")}`;
  const longest = longestNodeRange[range.family];
  return range.length > longest
    ? `found ${text}; allowed: /${longest} or larger, with room for the node's own address and a container`
    : undefined;
}

function familiesOnce(
  path: Path,
  own: readonly Prefix[],
  pods: readonly Prefix[],
  problems: Problem[],
): void {
  for (const family of families) {
    const [first, second] = own.filter((one) => one.family === family);
    const pod = pods.find((one) => one.family === family);
    if (second !== undefined)
      problems.push({
        path,
        message: `found ${own.map(formatPrefix).join(", ")}; allowed: one range of each family`,
      });
    if (first === undefined && pod !== undefined)
      problems.push({
        path,
        message: `missing; a node of this COE announces a range of its own inside podCidr ${formatPrefix(pod)}, such as ${example(pod)}; \`seamless plan --assign\` writes one into this file`,
      });
  }
}

function example(pod: Prefix): string {
  return formatPrefix({ ...pod, length: nodeLength(pod, 1) });
}

/** Prefix length of a range that is assigned to a node: a sixteenth of its COE's, or less where there are more nodes. */
export function nodeLength(pod: Prefix, nodes: number): number {
  const usual = { 4: 24, 6: 80 } as const;
  const wanted = pod.length + Math.max(4, Math.ceil(Math.log2(2 * Math.max(1, nodes))));
  const least = Math.max(usual[pod.family], wanted);
  return Math.min(longestNodeRange[pod.family], least);
}
