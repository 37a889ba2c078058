import {
  endsBefore,
  networkOf,
  type Path,
  type PathEnd,
  settle,
  type Topology,
  type Traits,
  topologyOf,
} from "../../plan/propagation";
import type { Plan } from "../../plan/types";

/** What the model of BGP says of the routes of one node at another. */
export interface Modelled {
  /** The paths that it has, the best one first; empty where it has none that it can use. */
  readonly paths: readonly Path[];
  /** Where they end that it lacks. */
  readonly ends: readonly PathEnd[];
}

/** Asks the model, which is made once for a plan. */
export class Model {
  private readonly topology: Topology;

  /** @param traits by kind of COE or of reflector, how its routers speak BGP */
  constructor(plan: Plan, traits: Traits) {
    this.topology = topologyOf(networkOf(plan), traits);
  }

  /** @param prefix what the node `origin` announces @param receiver id of the node that needs it */
  between(prefix: string, origin: string, receiver: string): Modelled {
    const outcome = settle(this.topology, prefix, [origin]);
    const ends = endsBefore(this.topology, outcome, origin, receiver);
    return { paths: ends.length > 0 ? [] : (outcome.paths.get(receiver) ?? []), ends };
  }
}
