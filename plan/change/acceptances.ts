import type { FencePlan, FencePrefix, Plan } from "../types";
import { coeOf } from "./sessions";
import type { AcceptanceChange } from "./types";

/** Nodes of one COE whose acceptances change alike are one record. */
export function acceptanceChanges(before: Plan, after: Plan): AcceptanceChange[] {
  const groups = new Map<
    string,
    { -readonly [K in keyof AcceptanceChange]: AcceptanceChange[K] }
  >();
  const ids = new Set([...Object.keys(before.fences), ...Object.keys(after.fences)]);
  for (const id of [...ids].sort()) {
    const [was, is] = [before.fences[id], after.fences[id]];
    const [widened, narrowed] = [beside(is, was), beside(was, is)];
    if (widened.length === 0 && narrowed.length === 0) continue;
    const coe = coeOf(id);
    const key = JSON.stringify([coe, widened, narrowed]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { coe, nodes: [id], widened, narrowed });
    else group.nodes = [...group.nodes, id];
  }
  return [...groups.values()];
}

/** What one accepts and the other does not, to the letter. */
function beside(one: FencePlan | undefined, other: FencePlan | undefined): FencePrefix[] {
  const known = new Set((other?.prefixes ?? []).map(keyOf));
  return (one?.prefixes ?? []).filter((prefix) => !known.has(keyOf(prefix)));
}

function keyOf({ cidr, minLength, maxLength }: FencePrefix): string {
  return `${cidr} ${minLength} ${maxLength}`;
}
