import { covers, hostPrefix, type PrefixPattern, setOf } from "../../../util/net";
import { fenceLine, type Running, type Widened } from "../contract";
import { acceptedOf } from "../routing";
import { type BirdBlock, parseFile, suffixOf } from "./conf";
import { patternsIn, withAccepted } from "./sets";

/**
 * The plan's file, and with it whatever the daemon accepts now: ranges that are to be given up, and neighbours that are to
 * go. Without it their routes would be gone before those who use them have moved.
 */
export function widenBird(next: string, running: Running): Widened {
  const [plan, old] = [parseFile(next), parseFile(running.file)];
  const planned = new Set(plan.blocks.map(({ address }) => address));
  const leaving = old.blocks
    .filter(({ address }) => running.neighbors.includes(address) && !planned.has(address))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  let text = next;
  const kept: string[] = [];
  for (const block of plan.blocks) {
    const more = acceptedBeside(block, running);
    if (more.length === 0) continue;
    const rules = withAccepted(block.rules, suffixOf(block.address), more);
    text = text.replace(block.rules, () => rules);
    const line = (name: string) => new RegExp(`^define ${name}_\\S+ = (\\S+);$`, "m");
    const [nextHop, length, localPref] = ["next_hop", "path_length", "local_pref"].map(
      (name) => line(name).exec(rules)?.[1],
    );
    const constants = { nextHop, length, localPref };
    kept.push(...acceptedOf(block.address, more, constants).map(fenceLine));
  }
  for (const { rules, protocol } of leaving) text += `\n${rules}\n${protocol}\n`;
  return {
    text,
    kept: [...leaving.map(({ address }) => `neighbour ${address}`), ...kept.sort()],
  };
}

/** What is accepted of a neighbour now and not in the plan. */
function acceptedBeside({ address, rules }: BirdBlock, { accepted }: Running): PrefixPattern[] {
  const set = setOf(patternsIn(rules));
  return accepted
    .filter(({ neighbors }) => neighbors.includes(hostPrefix(address)))
    .map(({ prefix, lengths }) => {
      const [min = 0, max = 0] = lengths.split("..").map(Number);
      return { prefix, min, max };
    })
    .filter((pattern) => !covers(set, pattern));
}
