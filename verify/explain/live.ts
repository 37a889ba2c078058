import type { Answer } from "../../components/ask/types";
import type { NodePlan, Plan } from "../../plan/types";
import { contains } from "../../util/net";
import { deployedCoes } from "../coes";
import type { Need, Observation } from "../types";
import { verdictOf, withCauses } from "./cause";
import { type Named, nodeNames } from "./ends";
import { longest } from "./kernel";
import { deliveryLink, fibLink } from "./links/fib";
import { ownerLink } from "./links/owner";
import { natLink, nextHopLink, policyLink, speechlessLink } from "./links/planned";
import { routingLinks } from "./links/routing";
import type { Scene } from "./scene";
import { type End, type Explanation, nameOf, type Standing, type Way } from "./types";
import { coeOf, nodeById, prefixFor, type Trip } from "./way";

/** What is asked before the ends are known by their names. */
export function namesNeeded(plan: Plan): Need[] {
  return deployedCoes(plan).flatMap(({ name }): Need[] => [
    `workloads/${name}`,
    `services/${name}`,
  ]);
}

/** All that has a name on the live network. */
export function liveNames(plan: Plan, { workloads, services }: Observation): Named[] {
  return Object.values(plan.coes).flatMap((coe): Named[] => [
    ...nodeNames(coe),
    ...valuesOf(workloads[coe.name]).map(({ name, node, address }): Named => {
      const end = { sort: "container", name, coe: coe.name, address, nodes: [node] } as const;
      return { end, names: [name] };
    }),
    ...valuesOf(services[coe.name]).map(({ address, range }): Named => {
      const nodes = Object.values(plan.fences)
        .filter(({ prefixes }) => prefixes.some(({ cidr }) => cidr === coe.announced[range]))
        .map(({ node }) => node);
      const end = { sort: "service", name: `the service at ${address}`, coe: coe.name } as const;
      return { end: { ...end, address, nodes }, names: [] };
    }),
  ]);
}

function valuesOf<T>(answer: Answer<readonly T[]> | undefined): readonly T[] {
  return answer?.ok ? answer.value : [];
}

/** What is asked of the routers on the way, and of the nodes at its ends. */
export function wayNeeded(plan: Plan, ...ends: readonly End[]): Need[] {
  const nodes = new Set(ends.flatMap((end) => end.nodes));
  return [
    ...Object.keys(plan.reflectors).flatMap((name): Need[] => [
      `neighbours/${name}`,
      `rib/${name}`,
    ]),
    ...[...nodes].map((id): Need => `routes/${id}`),
  ];
}

/** The way from one end to the other and back, as it was seen. */
export function explainLive(scene: Scene, from: End, to: End): Explanation {
  const [source, target] = [nodeOf(scene, from), nodeOf(scene, to)];
  const ways = [
    way("there", scene, tripOf(scene, from, to, source, target)),
    way("back", scene, tripOf(scene, to, from, target, source)),
  ];
  return { planned: false, from, to, ways, ...verdictOf(ways) };
}

/** The node of an end: its own, or the one that announces its address. */
function nodeOf({ plan, seen }: Scene, { nodes, address = "" }: End): NodePlan | undefined {
  const [only, ...more] = nodes;
  if (more.length === 0) return nodeById(plan, only);
  for (const answer of Object.values(seen.rib)) {
    const paths = valuesOf(answer).filter((path) => contains(path.prefix, address));
    const hop = longest(paths, (path) => path.prefix)?.nextHop;
    const found = nodes.map((id) => nodeById(plan, id)).find((node) => node?.address === hop);
    if (found !== undefined) return found;
  }
  return nodeById(plan, only);
}

function tripOf(
  { plan }: Scene,
  from: End,
  to: End,
  source: NodePlan | undefined,
  target: NodePlan | undefined,
): Trip {
  const same = source !== undefined && source.id === target?.id;
  const prefix = same ? undefined : prefixFor(coeOf(plan, to), to);
  return { plan, from, to, source, target, prefix };
}

function way(direction: Way["direction"], scene: Scene, trip: Trip): Way {
  const { from, to } = trip;
  const next = nextHopLink(trip);
  const delivery = deliveryLink(trip, scene.seen);
  const links = [
    ownerLink(trip, scene.seen),
    ...routes(scene, trip),
    ...(next === undefined ? [] : [next]),
    natLink(trip),
    ...(delivery === undefined ? [] : [delivery]),
    policyLink(trip),
  ];
  return { direction, from, to, links: withCauses(links) };
}

/** The route of the source's node, and whom it has it from. */
function routes(scene: Scene, trip: Trip): readonly Standing[] {
  const { source, target, prefix } = trip;
  if (source !== undefined && source.id === target?.id) return [];
  if (source?.speaker === false && prefix !== undefined) return [speechlessLink(source, prefix)];
  const behind = routingLinks(scene, trip);
  return [fibLink(trip, scene.seen, [...behind].reverse().map(nameOf)), ...behind];
}
