import type { CoePlan } from "../../../plan/types";
import type { Kubectl } from "../../cluster/kubectl";
import { type InspectionReport, refuseBlocking } from "../../speakers/calico/inspect/finding";
import type { FRRConfiguration } from "../../speakers/frr-k8s/types";
import { openshiftFindings } from "./findings";
import { readOpenshift } from "./read";

/** Compares a cluster with the plan, and changes nothing. @throws SeamlessError when it does not answer */
export async function inspectOpenshift(
  kubectl: Kubectl,
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
): Promise<InspectionReport> {
  const seen = await readOpenshift(kubectl);
  const { version, platform, networkType, frr, enabled } = seen;
  return {
    about: [
      `OpenShift ${version || "of unknown version"} on ${platform || "an unknown platform"}`,
      networkType || "unknown network",
      `${frr.nodes.length} nodes`,
      `route advertisements ${enabled ? "on" : "off"}`,
    ].join(", "),
    seen,
    findings: openshiftFindings(coe, objects, seen),
  };
}

/** @throws SeamlessError that names everything that stands in the way of the plan, with the way out */
export async function refuseUnsafeOpenshift(
  kubectl: Kubectl,
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
): Promise<void> {
  const { findings } = await inspectOpenshift(kubectl, coe, objects);
  refuseBlocking(coe.name, findings);
}
