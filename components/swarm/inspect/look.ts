import type { CoePlan, Plan } from "../../../plan/types";
import { podRanges } from "../../../util/ranges";

/** What a swarm is compared with. */
export interface SwarmLook {
  readonly coe: CoePlan;
  /** By name of the COE, the ranges of all containers of the plan. */
  readonly ranges: Readonly<Record<string, readonly string[]>>;
}

/** Takes out of the plan what a swarm is compared with. */
export function lookOf({ coes }: Plan, coe: CoePlan): SwarmLook {
  const ranges = Object.entries(coes).map(([name, one]) => [name, podRanges(one)]);
  return { coe, ranges: Object.fromEntries(ranges) };
}
