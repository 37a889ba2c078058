import type { CoePlan, Plan } from "../../plan/types";
import { documentsOf } from "../cluster/documents";
import { networkOperator, networkSpec, routeAdvertisements, templatesOf } from "./objects";

/** The operator's fields, the templates, and what is advertised; for reading and for kubectl. */
export function renderSpeaker(plan: Plan, { name }: CoePlan): string {
  return documentsOf([
    { ...networkOperator, spec: networkSpec },
    ...templatesOf(plan, name),
    routeAdvertisements(),
  ]);
}
