import { z } from "zod";
import type { CoePlan } from "../../../plan/types";

/** Where FRR-K8s' own manifests and charts have it. */
export const usualFrrNamespace = "frr-k8s-system";

const part = z.object({
  /** Namespace of FRR-K8s; absent where it is the usual one. */
  frrNamespace: z.string().exactOptional(),
});

/** The namespace of FRR-K8s in a COE of the plan. It looks into no other one. */
export function frrNamespaceOf(coe: CoePlan): string {
  return part.parse(coe).frrNamespace ?? usualFrrNamespace;
}
