import { blocksIn, prefix } from "../../util/net";
import { activeRanges, blockSizeIn, listOf, podRanges, poolNames } from "../../util/ranges";
import { hasOwnRanges } from "../blocks";
import type { CoePlan, Plan } from "../types";
import type { RangeChange, RestartNeeded } from "./types";

type Ranges = ReadonlyMap<string, RangeChange>;

export function rangeChanges(before: Plan, after: Plan): RangeChange[] {
  return names(before, after).flatMap((name) => {
    const [was, is] = [before.coes[name], after.coes[name]];
    const [old, next] = [announced(was), announced(is)];
    return [
      ...[...old].flatMap(([key, one]) => (next.has(key) ? [] : [{ ...one, change: gone }])),
      ...[...next].flatMap(([key, one]) => (old.has(key) ? [] : [one])),
      ...[...next].flatMap(([key, one]) => (old.has(key) ? retirement(was, is, one) : [])),
    ];
  });
}

const gone = "withdrawn" as const;

/** What the nodes of a COE announce, as if it were new; nothing where nothing is applied to it. */
function announced(coe: CoePlan | undefined): Ranges {
  if (coe?.deployed !== true) return new Map();
  const containers = podRanges(coe).map((range): RangeChange => {
    const containers: RangeChange = {
      ...{ coe: coe.name, range, use: "containers", change: "announced" },
    };
    if (hasOwnRanges(coe)) return containers;
    const length = blockSizeIn(coe, range);
    const blocks = { count: blocksIn(prefix(range), length), length };
    return { ...containers, blocks };
  });
  const uses = ["clusterIPs", "loadBalancerIPs", "externalIPs"] as const;
  const services = uses.flatMap((use) =>
    listOf(coe.announced[use]).map(
      (range): RangeChange => ({ coe: coe.name, range, use, change: "announced" }),
    ),
  );
  return new Map([...containers, ...services].map((one) => [`${one.use} ${one.range}`, one]));
}

function retirement(
  was: CoePlan | undefined,
  is: CoePlan | undefined,
  one: RangeChange,
): RangeChange[] {
  if (one.use !== "containers") return [];
  const [old, next] = [was, is].map((coe) => coe?.retiring?.includes(one.range) === true);
  if (old === next) return [];
  return [{ ...one, change: next === true ? "retired" : "returned" }];
}

/** Containers whose range retires, or is given up although nobody looks whether it is in use, need other addresses. */
export function restartsNeeded(
  before: Plan,
  after: Plan,
  ranges: readonly RangeChange[],
): RestartNeeded[] {
  return ranges.flatMap(({ coe, range, use, change }): RestartNeeded[] => {
    const [was, is] = [before.coes[coe], after.coes[coe]];
    if (use !== "containers" || was === undefined || is?.deployed !== true) return [];
    const left = change === "withdrawn" && isAdopted(was, range);
    if (change !== "retired" && !left) return [];
    return [{ coe, range, to: activeRanges(is) }];
  });
}

/** Whether a range's pool was there before the stack. */
export function isAdopted(coe: CoePlan, range: string): boolean {
  return poolNames(podRanges(coe), coe.pool)[range] !== undefined;
}

/** The COEs of both plans, sorted. */
export function names(before: Plan, after: Plan): string[] {
  return [...new Set([...Object.keys(before.coes), ...Object.keys(after.coes)])].sort();
}
