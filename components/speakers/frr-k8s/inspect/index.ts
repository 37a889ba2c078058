import type { CoePlan } from "../../../../plan/types";
import type { Kubectl } from "../../../cluster/kubectl";
import { frrNamespaceOf } from "../../../cluster/model/frr-namespace";
import { type InspectionReport, refuseBlocking } from "../../calico/inspect/finding";
import type { FRRConfiguration } from "../types";
import { frrFindings } from "./findings";
import { readFrrCluster } from "./read";
import type { FrrClusterState } from "./state";

/** Compares a cluster with what the plan has for its FRR-K8s, and changes nothing. @throws SeamlessError when it does not answer */
export async function inspectFrr(
  kubectl: Kubectl,
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
): Promise<InspectionReport> {
  const seen = await readFrrCluster(kubectl);
  return { about: about(coe, seen), seen, findings: frrFindings(coe, objects, seen) };
}

/** @throws SeamlessError that names everything that stands in the way of the plan, with the way out */
export async function refuseUnsafeFrr(
  kubectl: Kubectl,
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
): Promise<void> {
  const { findings } = await inspectFrr(kubectl, coe, objects);
  refuseBlocking(coe.name, findings);
}

function about(coe: CoePlan, { nodes, agents, configurations }: FrrClusterState): string {
  const own = agents.find(({ namespace }) => namespace === frrNamespaceOf(coe)) ?? agents[0];
  return [
    `${nodes.length} nodes`,
    own === undefined
      ? "no FRR-K8s"
      : `FRR-K8s ${own.version} in ${own.namespace}, ${own.ready} of ${own.wanted} ready`,
    `${configurations.length} FRRConfigurations`,
  ].join(", ");
}
