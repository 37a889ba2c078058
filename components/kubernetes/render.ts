import type { CoePlan, Plan } from "../../plan/types";
import { documentsOf } from "../cluster/documents";
import { frrObjects } from "../speakers/frr-k8s/objects";

/** Objects of FRR-K8s, for reading and for kubectl; those of Calico have a rendering of their own. */
export function renderSpeaker(plan: Plan, { name, speaker }: CoePlan): string | undefined {
  return speaker === "frr-k8s" ? documentsOf(frrObjects(plan, name)) : undefined;
}
