import { makePlan, readStackConfig } from "../../components/kinds/planning";
import type { Plan } from "../../plan";
import type { ReflectorPlan } from "../../plan/types";
import { coeOf } from "./coe";

export const lab = readStackConfig("Pulumi.lab.yaml");

/** The lab's one reflector in a plan. */
export function reflectorOf(plan: Plan): ReflectorPlan {
  const found = plan.reflectors.reflector;
  if (found === undefined) throw new Error("no reflector in the plan");
  return found;
}

/** The lab with two nodes: one inside the reflector's AS, one outside. */
export function smallLab(): Plan {
  const nodes = {
    "worker-1": { address: "172.16.18.34" },
    "worker-2": { address: "172.16.18.35", asn: 64600 },
  };
  return makePlan({ ...lab, coes: { kubernetes: { ...coeOf(lab, "kubernetes"), nodes } } });
}
