import { nodeLocalPref } from "../../../plan/acceptance";
import { covers, type PrefixPattern, setOf } from "../../../util/net";
import { type Accepted, fenceLine, type Running, type Widened } from "../contract";
import { acceptedOf } from "../routing";
import { importLines } from "./conf";
import { acceptedIn, type FrrBlock, joined, parseFile } from "./file";
import { parseFrrText } from "./text";

/**
 * The plan's file, and with it whatever the daemon accepts now: ranges that are to be given up, and neighbours that are to
 * go. Without it their routes would be gone before those who use them have moved.
 */
export function widenFrr(next: string, running: Running): Widened {
  const [plan, old] = [parseFile(next), parseFile(running.file)];
  const planned = new Set(plan.blocks.map(({ address }) => address));
  const leaving = old.blocks
    .filter(({ address }) => running.neighbors.includes(address) && !planned.has(address))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const kept: string[] = [];
  const blocks = plan.blocks.map((block) => {
    const { more, text } = widened(block, running);
    kept.push(...more.map(fenceLine));
    return { ...block, text };
  });
  return {
    text: joined({ ...plan, blocks: [...blocks, ...leaving] }),
    kept: [...leaving.map(({ address }) => `neighbour ${address}`), ...kept.sort()],
  };
}

/** A neighbour of the plan with what is accepted of it now beside that. */
function widened(
  { address, text }: FrrBlock,
  { accepted }: Running,
): { readonly more: readonly Accepted[]; readonly text: string } {
  const own = patterns(acceptedIn(parseFrrText(text)));
  const set = setOf(own);
  const more = patterns(
    accepted.filter(({ neighbors }) => neighbors.some((one) => one.startsWith(`${address}/`))),
  ).filter((pattern) => !covers(set, pattern));
  if (more.length === 0) return { more: [], text };
  const [comment = "", ...rest] = text.split("\n");
  const asn = (pattern: RegExp) => pattern.exec(text)?.[1];
  const external = asn(/^router bgp (\d+)$/m) !== asn(/ remote-as (\d+)$/m);
  const after = rest.slice(rest.findIndex((line) => /^(route-map to-|router bgp )/.test(line)));
  const length = external ? 1 : undefined;
  return {
    more: acceptedOf(address, more, {
      nextHop: address,
      length: length?.toString(),
      localPref: String(nodeLocalPref),
    }),
    text: [
      comment,
      ...importLines(address, [...own, ...more], nodeLocalPref, length),
      ...after,
    ].join("\n"),
  };
}

function patterns(accepted: readonly Accepted[]): PrefixPattern[] {
  return accepted.map(({ prefix, lengths }) => {
    const [min = 0, max = 0] = lengths.split("..").map(Number);
    return { prefix, min, max };
  });
}
