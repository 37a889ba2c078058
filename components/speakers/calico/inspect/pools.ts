import type { CoePlan } from "../../../../plan/types";
import { contains, familyOf, isPrefix, overlap, parsePrefix, prefix } from "../../../../util/net";
import { containedIn, listOf, podRanges } from "../../../../util/ranges";
import type { CalicoPlan } from "../types";
import type { Finding } from "./finding";
import { emptyFindings, leavingPool } from "./leaving";
import { ownPool } from "./own-pool";
import type { DatastoreState, PoolState } from "./state";

/** What the plan makes of a pool that is there. */
export function poolFindings(
  coe: CoePlan,
  plan: CalicoPlan,
  calico: DatastoreState,
  pool: PoolState,
): Finding[] {
  const id = `pool/${pool.name}`;
  const own = podRanges(coe);
  if (!isPrefix(parsePrefix(pool.cidr))) return [unreadable(id, pool)];
  // Nothing is planned in another family.
  if (own.every((range) => familyOf(range) !== familyOf(pool.cidr))) return [];
  if (own.includes(pool.cidr))
    return [...ownPool(id, coe, plan, pool), ...emptyFindings(coe, calico, pool)];
  const foreign = Object.values(plan.foreign).flat();
  if (foreign.includes(pool.cidr) && pool.disabled) return [];
  const balancers = [...listOf(plan.announced.loadBalancerIPs), ...listOf(plan.balanced)];
  if (balancers.includes(pool.cidr)) return [];
  const leaving = leavingPool(coe, calico, pool);
  if (leaving !== undefined) return [leaving];
  const near = own.filter((range) => overlap(prefix(pool.cidr), prefix(range)));
  if (near.length > 0) return [overlapping(id, coe, calico, pool, near.join(", "))];
  return besideFindings(id, coe, plan, calico, pool);
}

function unreadable(id: string, { cidr: range }: PoolState): Finding {
  return {
    id,
    level: "blocks",
    found: `${JSON.stringify(range)}, which is no range`,
    effect: "Calico does not read this pool, so nobody knows whether it overlaps the plan",
    advice: "correct its cidr, or remove it",
  };
}

/** A range as Calico reads it and, where that is not the same, as it is stored. */
function rangeOf({ cidr: range, written }: PoolState): string {
  return written === undefined ? range : `${range} (stored as ${written})`;
}

function overlapping(
  id: string,
  coe: CoePlan,
  { blocks }: DatastoreState,
  pool: PoolState,
  near: string,
): Finding {
  const used = blocks.filter((block) => contains(pool.cidr, block.cidr));
  const outside = used.filter((block) => !containedIn(podRanges(coe), block.cidr)).length;
  return {
    id,
    level: "blocks",
    found: `${rangeOf(pool)} with ${used.length} blocks in use, ${outside} of them outside the plan's ${near}`,
    effect:
      "a pool in use cannot shrink or grow: its containers keep addresses the reflector refuses",
    advice: `plan podCidr: ${pool.cidr}, or move its containers to a pool of ${near} and remove it`,
  };
}

/** A pool apart from the ranges of the plan's own containers. */
function besideFindings(
  id: string,
  coe: CoePlan,
  plan: CalicoPlan,
  { blocks }: DatastoreState,
  pool: PoolState,
): Finding[] {
  const used = blocks.filter((block) => contains(pool.cidr, block.cidr)).length;
  if (pool.disabled && used === 0) return [];
  const others = Object.entries(plan.foreign).flatMap(([other, ranges]) =>
    ranges
      .filter((range) => overlap(prefix(pool.cidr), prefix(range)))
      .map((range) => `${range} of ${other}`),
  );
  if (others.length > 0)
    return [
      {
        id,
        level: "blocks",
        found: `${rangeOf(pool)} with ${used} blocks in use, which overlaps ${others.join(", ")}`,
        effect: "both COEs would use the same addresses",
        advice: "disable it and move its containers, or plan other ranges",
      },
    ];
  const state = pool.disabled ? ", disabled" : "";
  if (!pool.allowedUses.includes("Workload")) return [notForContainers(id, used, state, pool)];
  return [
    {
      id,
      level: "notes",
      found: `${rangeOf(pool)} with ${used} blocks in use${state}; it is not in the plan`,
      effect:
        "its containers keep their addresses; the reflector does not pass these on, so other COEs do not reach them",
      ...(pool.disabled
        ? {}
        : {
            advice: `add ${pool.cidr} to coes.${coe.name}.podCidr and its name to pool, or disable it (disabled: true), so that new containers get addresses of the plan`,
          }),
    },
  ];
}

function notForContainers(id: string, used: number, state: string, pool: PoolState): Finding {
  const uses = pool.allowedUses.join(", ");
  return {
    id,
    level: "notes",
    found: `${rangeOf(pool)} for ${uses} with ${used} blocks in use${state}; it is not in the plan`,
    effect:
      "no container has an address of it; it stays, and the reflector does not pass its addresses on",
  };
}
