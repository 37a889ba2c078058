import type { Traits } from "../../plan/propagation";
import type { Plan } from "../../plan/types";
import type { Observation } from "../types";
import { Model } from "./model";

/** What a way is explained from: the plan, its model, and what was seen. */
export interface Scene {
  readonly plan: Plan;
  readonly model: Model;
  readonly seen: Observation;
}

/** @param traits by kind of COE or of reflector, how its routers speak BGP */
export function sceneOf(plan: Plan, traits: Traits, seen: Observation): Scene {
  return { plan, model: new Model(plan, traits), seen };
}

/** Two observations of one network as one: each part has what either has. */
export function merged(one: Observation, other: Observation): Observation {
  return {
    ...one,
    ...other,
    workloads: { ...one.workloads, ...other.workloads },
    services: { ...one.services, ...other.services },
  };
}
