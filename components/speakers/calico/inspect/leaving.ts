import type { CoePlan } from "../../../../plan/types";
import { contains, overlap, prefix, sizeOf } from "../../../../util/net";
import { activeRanges, podRanges } from "../../../../util/ranges";
import { nameOfAddress } from "../names";
import type { Finding } from "./finding";
import type { DatastoreState, PoolState } from "./state";

/** How many addresses of a pool are in use; of a block that nobody was asked for, all. */
function inUse({ blocks }: Pick<DatastoreState, "blocks">, pool: Pick<PoolState, "cidr">): number {
  return blocks
    .filter((block) => contains(pool.cidr, block.cidr))
    .reduce((sum, { cidr: range, used }) => sum + (used ?? Number(sizeOf(prefix(range)))), 0);
}

/**
 * A pool of an earlier plan, which this plan no longer has and containers still use: to remove it is refused, for their
 * addresses would not be reached any more. Undefined for every other pool.
 */
export function leavingPool(
  coe: CoePlan,
  calico: Pick<DatastoreState, "blocks">,
  pool: Pick<PoolState, "name" | "cidr" | "ours" | "allowedUses">,
): Finding | undefined {
  const addresses = inUse(calico, pool);
  if (podRanges(coe).includes(pool.cidr) || addresses === 0) return undefined;
  // Addresses of load balancers are no containers'.
  if (!pool.allowedUses.includes("Workload")) return undefined;
  // Where nobody keeps who has made it, its name tells.
  const { ours = pool.name === nameOfAddress(pool.cidr) } = pool;
  if (!ours) return undefined;
  const next = activeRanges(coe);
  const clash = next.some((range) => overlap(prefix(range), prefix(pool.cidr)));
  const target = clash ? "A RANGE THAT DOES NOT OVERLAP IT" : next.join(", ");
  return {
    id: `pool/${pool.name}`,
    level: "blocks",
    found: `${pool.cidr} of an earlier plan with ${addresses} addresses in use; the plan says ${podRanges(coe).join(", ")}`,
    effect: "its containers would keep addresses that the reflector refuses",
    advice: `plan podCidr: [${pool.cidr}, ${target}] and retiring: [${pool.cidr}]; restart its workloads; leave ${pool.cidr} out when none of its addresses is in use`,
  };
}

/** A range that retires, and may go. */
export function emptyFindings(
  coe: CoePlan,
  calico: Pick<DatastoreState, "blocks">,
  pool: Pick<PoolState, "name" | "cidr" | "ours" | "allowedUses">,
): readonly Finding[] {
  const { retiring = [] } = coe;
  if (!retiring.includes(pool.cidr)) return [];
  const addresses = inUse(calico, pool);
  return [
    {
      id: `pool/${pool.name}`,
      level: "notes",
      found: `${pool.cidr} is retiring, with ${addresses} addresses in use`,
      effect:
        addresses === 0
          ? "no container needs it any more"
          : "its containers keep their addresses until they are restarted",
      advice:
        addresses === 0
          ? `take it out of coes.${coe.name}.podCidr and retiring`
          : "restart its workloads",
    },
  ];
}
