import { inspectCluster } from "../../cluster/inspect";
import type { InspectRequest } from "../../contract/runtime";
import type { InspectionReport } from "../../speakers/calico/inspect/finding";
import { calicoPlan } from "../../speakers/calico/objects";
import { inspectFrr } from "../../speakers/frr-k8s/inspect";
import { frrObjects } from "../../speakers/frr-k8s/objects";
import { inspect } from ".";

/** The inspection of `seamless inspect`, by what speaks BGP on the nodes. */
export function inspectKubernetes(request: InspectRequest): Promise<InspectionReport> {
  const { coe, plan } = request;
  return inspectCluster(request, (kubectl) =>
    coe.speaker === "frr-k8s"
      ? inspectFrr(kubectl, coe, frrObjects(plan, coe.name))
      : inspect(kubectl, coe, calicoPlan(plan, coe.name)),
  );
}
