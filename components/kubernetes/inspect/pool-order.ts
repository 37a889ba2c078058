import type { CoePlan } from "../../../plan/types";
import { podRanges } from "../../../util/ranges";
import type { Finding } from "../../speakers/calico/inspect/finding";
import type { PoolState } from "../../speakers/calico/inspect/state";

/**
 * The pool of a COE's only range has a resource name of its own in the stack, which goes on to the first of several. So
 * the first is a range that has a pool, where any has one.
 */
export function poolOrderFindings(
  coe: CoePlan,
  pools: readonly Pick<PoolState, "cidr">[],
): Finding[] {
  const [first, ...more] = podRanges(coe);
  const isThere = (range: string) => pools.some((pool) => pool.cidr === range);
  const later = more.find(isThere);
  if (first === undefined || isThere(first) || later === undefined) return [];
  return [
    {
      id: "pools/order",
      level: "blocks",
      found: `podCidr begins with ${first}, which has no pool yet; ${later} has one`,
      effect: "the stack would take the new pool for the old one, and remove that",
      advice: `write ${later} first in coes.${coe.name}.podCidr, and new ranges behind it`,
    },
  ];
}
