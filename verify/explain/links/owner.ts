import type { Observation } from "../../types";
import type { Standing } from "../types";
import { coeOf, type Trip } from "../way";
import { ownerLink as plannedOwner } from "./planned";

/** Who has the address of the other end, by the word of its COE. */
export function ownerLink(trip: Trip, seen: Observation): Standing {
  const planned = plannedOwner(trip);
  const { plan, to, target, prefix } = trip;
  if (planned.status === "broken" || to.sort !== "container") return planned;
  const coe = coeOf(plan, to);
  const answer = seen.workloads[coe.name];
  const found = answer?.ok && answer.value.find(({ address }) => address === to.address);
  if (!found) return planned;
  const block = prefix === undefined ? "" : `, in the block ${prefix}`;
  return {
    ...planned,
    says: `${to.address} is ${found.name} on ${target?.id ?? "no planned node"}${block}`,
  };
}
