import { inspectCluster } from "../../cluster/inspect";
import type { InspectRequest } from "../../contract/runtime";
import type { InspectionReport } from "../../speakers/calico/inspect/finding";
import { templatesOf } from "../objects";
import { inspectOpenshift } from ".";

/** The inspection of `seamless inspect`. */
export function inspectCommand(request: InspectRequest): Promise<InspectionReport> {
  const { coe, plan } = request;
  return inspectCluster(request, (kubectl) =>
    inspectOpenshift(kubectl, coe, templatesOf(plan, coe.name)),
  );
}
