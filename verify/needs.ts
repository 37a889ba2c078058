import type { ServiceRange } from "../components/ask/types";
import type { CoePlan, NodePlan, Plan } from "../plan/types";
import type { Need } from "./types";

/** The RIB of every reflector that can be asked. */
export function everyRib(plan: Plan): Need[] {
  return Object.values(plan.reflectors).flatMap(({ name, unread }): Need[] =>
    unread === true ? [] : [`rib/${name}`],
  );
}

/** The kernel of one node. */
export function kernelOf(node: NodePlan): Need {
  return `routes/${node.id}`;
}

/** A GET between two COEs, which takes a workload at each end. */
export function getBetween(
  part: "fetches" | "nameFetches",
  from: CoePlan,
  to: CoePlan,
): readonly Need[] {
  return [`${part}/${from.name}-to-${to.name}`, workloadsOf(from), workloadsOf(to)];
}

/** GETs to a service of another COE. */
export function getService(from: CoePlan, to: CoePlan, range: ServiceRange): readonly Need[] {
  return [
    `serviceFetches/${from.name}-to-${to.name}/${range}`,
    `services/${to.name}`,
    workloadsOf(from),
    workloadsOf(to),
  ];
}

/** A GET to a COE from a host. */
export function intrusionInto(coe: CoePlan): readonly Need[] {
  return [`intrusions/${coe.name}`, workloadsOf(coe)];
}

/** A container of a COE that asks the datastore of one, be it its own. */
export function datastoreFrom(from: CoePlan, to: CoePlan): Need[] {
  return [`datastores/${from.name}-to-${to.name}`, workloadsOf(from)];
}

export function workloadsOf(coe: CoePlan): Need {
  return `workloads/${coe.name}`;
}
