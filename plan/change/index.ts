/** What changes between two plans, in the words of routing. Pure; the callers hand over what kinds of routers know. */
import type { Traits } from "../propagation";
import type { Plan } from "../types";
import { acceptanceChanges } from "./acceptances";
import { admissionChanges, outgoingChanges } from "./admissions";
import { lossesOf } from "./loss";
import { names, rangeChanges, restartsNeeded } from "./ranges";
import { reachChanges } from "./reach";
import { reflectorChanges } from "./reflectors";
import { refusalsOf } from "./refusals";
import { sessionChanges } from "./sessions";
import type { CoeChange, PlanChange, TakeOver } from "./types";

export { changeDocument, renderChange } from "./render";
export type * from "./types";

/** What is known of the routers of a plan beside the plan. */
export interface Routers {
  /** By kind of COE or of reflector, how its routers speak BGP. */
  readonly traits: Traits;
  /** How a reflector of both plans, of one kind in both, takes over its new configuration. */
  takeOver(reflector: string, before: Plan, after: Plan): TakeOver;
}

export function changeBetween(before: Plan, after: Plan, routers: Routers): PlanChange {
  const takeOvers = new Map(
    Object.values(after.reflectors)
      .filter(({ name, kind }) => before.reflectors[name]?.kind === kind)
      .map(({ name }) => [name, routers.takeOver(name, before, after)]),
  );
  const reflectors = reflectorChanges(before, after, takeOvers);
  const ranges = rangeChanges(before, after);
  const seen = {
    acceptances: acceptanceChanges(before, after),
    outgoing: outgoingChanges(before, after),
    sessions: sessionChanges(before, after, reflectors, takeOvers),
    reflectors,
    ranges,
    ...reachChanges(before, after, routers.traits),
  };
  return {
    ...seen,
    coes: coeChanges(before, after),
    admissions: admissionChanges(before, after),
    restarts: restartsNeeded(before, after, ranges),
    losses: lossesOf(before, after, seen),
    refusals: refusalsOf(before, after),
  };
}

function coeChanges(before: Plan, after: Plan): CoeChange[] {
  return names(before, after).flatMap((coe): CoeChange[] => {
    const [was, is] = [before, after].map((plan) => plan.coes[coe]?.deployed === true);
    return was === is ? [] : [{ coe, change: is === true ? "joins" : "leaves" }];
  });
}

/** The plan of a stack that is not up. */
export function emptyPlan({ nodeNetwork, asn }: Plan): Plan {
  return {
    schemaVersion: 2,
    nodeNetwork,
    asn,
    coes: {},
    reflectors: {},
    sessions: {},
    fences: {},
  };
}
