import type { RouterNeighbour, RouterPath } from "../../components/ask/router";
import type { Plan, ReflectorPlan } from "../../plan/types";
import { contains } from "../../util/net";
import { nodeNetworks } from "../../util/ranges";
import { sessionsAt } from "../ends";
import type { Need, Verdict } from "../types";
import { skip } from "../verdict";

/** Of a router that nobody can ask: what is on the other end of its sessions is seen from there. */
export function notAsked({ name, unread }: ReflectorPlan): Verdict | undefined {
  return unread === true
    ? skip("nobody", `nobody can ask ${name}: the configuration has no reflectors.${name}.read`)
    : undefined;
}

/** What a check of a router needs; nothing where nobody can ask it. */
export function askedOf({ unread }: ReflectorPlan, ...needs: readonly Need[]): readonly Need[] {
  return unread === true ? [] : needs;
}

/**
 * The neighbours of a router that are the plan's business. One that we do not run has others: those beyond the networks of the
 * nodes are its owner's.
 */
export function ownNeighbours(
  plan: Plan,
  { name, dialect }: ReflectorPlan,
  found: readonly RouterNeighbour[],
): readonly RouterNeighbour[] {
  if (dialect === undefined) return found;
  const known = new Set(sessionsAt(plan, name).map(({ far }) => far.address));
  const networks = nodeNetworks(plan);
  return found.filter(
    ({ address }) => known.has(address) || networks.some((range) => contains(range, address)),
  );
}

/** The paths of a router that are the plan's business: of one that we do not run, those that it has from nodes. */
export function ownPaths(
  plan: Plan,
  { dialect }: ReflectorPlan,
  found: readonly RouterPath[],
): readonly RouterPath[] {
  if (dialect === undefined) return found;
  const nodes = new Set(Object.values(plan.fences).map(({ address }) => address));
  return found.filter(({ peer }) => nodes.has(peer));
}
