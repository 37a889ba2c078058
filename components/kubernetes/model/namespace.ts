import { z } from "zod";
import type { CoePlan } from "../../../plan/types";

/** Where Calico's manifest has calico-node; its operator has it in calico-system. */
export const usualNamespace = "kube-system";

const part = z.object({
  /** Namespace of calico-node; absent where it is the usual one. */
  calicoNamespace: z.string().exactOptional(),
});

/** The namespace of calico-node in a COE of the plan. */
export function calicoNamespaceOf(coe: CoePlan): string {
  return part.parse(coe).calicoNamespace ?? usualNamespace;
}
