import type { CoePlan } from "../../../plan/types";
import type { Kubectl } from "../../cluster/kubectl";
import {
  type InspectionReport,
  inOrderOfWeight,
  refuseBlocking,
} from "../../speakers/calico/inspect/finding";
import { trafficOf } from "../../speakers/calico/inspect/traffic";
import type { CalicoPlan } from "../../speakers/calico/types";
import { affinityFindings } from "./affinity";
import { asNumberFindings } from "./as-numbers";
import { compareCluster } from "./compare";
import { readCluster } from "./read";
import type { ClusterState } from "./state";

/** Compares a cluster with its part of the plan, and changes nothing. @throws SeamlessError when it does not answer */
export async function inspect(
  kubectl: Kubectl,
  coe: CoePlan,
  calico: CalicoPlan,
): Promise<InspectionReport> {
  const seen = await readCluster(kubectl);
  const { findings, ...rest } = report(coe, calico, seen);
  const refused =
    seen.calico === undefined
      ? []
      : [...(await asNumberFindings(kubectl, calico)), ...(await affinityFindings(kubectl, coe))];
  return { ...rest, findings: inOrderOfWeight([...findings, ...refused]) };
}

/** @throws SeamlessError that names everything that stands in the way of the plan, with the way out */
export async function refuseUnsafe(
  kubectl: Kubectl,
  coe: CoePlan,
  calico: CalicoPlan,
): Promise<void> {
  const { findings } = await inspect(kubectl, coe, calico);
  refuseBlocking(coe.name, findings);
}

/** What was seen of a cluster, in a few words, with what is found about it. */
export function report(coe: CoePlan, plan: CalicoPlan, seen: ClusterState): InspectionReport {
  const { calico } = seen;
  return {
    about: `${seen.nodes.length} nodes, ${about(seen)}`,
    seen,
    findings: compareCluster(coe, plan, seen),
    ...(calico === undefined ? {} : { traffic: trafficOf(coe, plan, calico) }),
  };
}

function about({ calico }: ClusterState): string {
  if (calico === undefined) return "no Calico";
  return [
    `Calico ${calico.version} with ${calico.backend.name}${calico.operator ? " by its operator" : ""}`,
    `projectcalico.org/v3 ${calico.api ? "served" : "not served"}`,
    `${calico.pools.length} pools, ${calico.blocks.length} blocks in use`,
  ].join(", ");
}
