import { deadEnds, type Traits } from "../../plan/propagation";
import type { NodePlan, Plan } from "../../plan/types";
import { verdictOf, withCauses } from "./cause";
import { plannedName } from "./links/name";
import {
  endLink,
  natLink,
  nextHopLink,
  ownerLink,
  pathLinks,
  policyLink,
  speechlessLink,
} from "./links/planned";
import { Model } from "./model";
import { type End, type Explanation, nameOf, type Standing, type Way } from "./types";
import { nodeById, type Trip, tripOf } from "./way";

/** The way from one end to the other and back, by the plan and the model alone: nobody is asked. */
export function explainPlanned(plan: Plan, traits: Traits, from: End, to: End): Explanation {
  const model = new Model(plan, traits);
  const [source, target] = nodesOf(plan, traits, from, to);
  const ways = [
    way("there", model, tripOf(plan, from, to, source, target)),
    way("back", model, tripOf(plan, to, from, target, source)),
  ];
  return { planned: true, from, to, ways, ...verdictOf(ways) };
}

/** The nodes that stand for the others where an end may be on several: two whose paths end, where there are such. */
function nodesOf(
  plan: Plan,
  traits: Traits,
  from: End,
  to: End,
): [NodePlan | undefined, NodePlan | undefined] {
  const several = from.nodes.length > 1 || to.nodes.length > 1;
  const dead = several ? deadEnds(plan, traits) : [];
  const ends = (one: End, id: string) => one.nodes.includes(id);
  const there = dead.find((end) => ends(to, end.from) && ends(from, end.to));
  const back = dead.find((end) => ends(from, end.from) && ends(to, end.to));
  const [source, target] =
    there !== undefined ? [there.to, there.from] : [back?.from ?? from.nodes[0], back?.to];
  const other = to.nodes.find((id) => id !== source) ?? to.nodes[0];
  return [nodeById(plan, source), nodeById(plan, target ?? other)];
}

function way(direction: Way["direction"], model: Model, trip: Trip): Way {
  const { from, to } = trip;
  const next = nextHopLink(trip);
  const links = [
    ...(direction === "there" ? plannedName(trip) : []),
    ownerLink(trip),
    ...routing(model, trip),
    ...(next === undefined ? [] : [next]),
    natLink(trip),
    // Policy is about connections: answers to one that was let in pass.
    ...(direction === "there" ? [policyLink(trip)] : []),
  ];
  return { direction, from, to, links: withCauses(links) };
}

/** What the source's node routes by, and whom it has that from. */
function routing(model: Model, { plan, source, target, prefix }: Trip): Standing[] {
  if (source === undefined || target === undefined || prefix === undefined) return [];
  if (!source.speaker) return [speechlessLink(source, prefix)];
  const fib = { layer: "fib", at: source.id } as const;
  const { paths, ends } = model.between(prefix, target.id, source.id);
  const [best] = paths;
  if (best === undefined) {
    const links = ends.slice(0, 1).map((end) => endLink(plan, end));
    const why = `no router hands ${source.id} a path to it`;
    const lacking = { says: `no route to ${prefix}`, status: "broken", why } as const;
    return [{ ...fib, ...lacking, standsOn: links.map(nameOf) }, ...links];
  }
  const links = paths.flatMap((path) => pathLinks(plan, path, target.id));
  const unique = [...new Map(links.map((link) => [nameOf(link), link])).values()];
  return [{ ...fib, says: `${prefix} via ${best.nextHop}`, status: "ok" }, ...unique];
}
