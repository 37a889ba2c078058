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
