import type { Answer, CoeContainer } from "../../components/ask/types";
import { announcedPrefixes, announcersOf } from "../../plan/services";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { contains, familyOf } from "../../util/net";
import { containedIn } from "../../util/ranges";
import { mayBeElse } from "../checks/kernel/suspects";
import { deployedCoes } from "../coes";
import { sessionsAt } from "../ends";
import { blockOf } from "../expected";
import type { End as KernelEnd } from "../kernel/ends";
import type { Need, Observation } from "../types";
import { unexplained } from "./attempt";
import { verdictOf, withCauses } from "./cause";
import { endOf, type Named, nodeNames } from "./ends";
import { deliveryLink, fibLink } from "./links/fib";
import { receivingLinks, sendingLinks } from "./links/inside";
import { kernelLinks } from "./links/kernel";
import { liveName, zoneOf } from "./links/name";
import { ownerLink } from "./links/owner";
import { speechlessLink } from "./links/planned";
import { policyIn, policyOut, translatingPool } from "./links/policy";
import { routingLinks } from "./links/routing";
import { longest } from "./longest";
import type { Scene } from "./scene";
import { type End, type Explanation, type Link, nameOf, type Standing, type Way } from "./types";
import { kernelEnd } from "./view";
import { nodeById, type Trip, tripOf } from "./way";

/** What is asked before the ends are known by their names. */
export function namesNeeded(plan: Plan): Need[] {
  return deployedCoes(plan).flatMap(({ name }): Need[] => [
    `containers/${name}`,
    `services/${name}`,
    `named/${name}`,
  ]);
}

/** All that has a name on the live network. */
export function liveNames(plan: Plan, { containers, services, named }: Observation): Named[] {
  return Object.values(plan.coes).flatMap((coe): Named[] => [
    ...nodeNames(coe),
    ...byContainer(valuesOf(containers[coe.name])).map(({ name, node, ...own }): Named => {
      const end = { sort: "container", name, coe: coe.name, ...own, nodes: [node] } as const;
      const short = name.slice(name.indexOf("/") + 1);
      return { end, names: [name], ...(short === name ? {} : { short: [short] }) };
    }),
    ...valuesOf(named?.[coe.name]).flatMap(({ name, addresses }) =>
      serviceNames(coe, name, addresses),
    ),
    ...valuesOf(services[coe.name]).flatMap(({ address }) =>
      serviceNames(coe, `the service at ${address}`, [address]),
    ),
  ]);
}

interface Both {
  readonly name: string;
  readonly node: string;
  readonly address: string;
  readonly address6?: string;
}

/** A container of both families is told twice; two that have one address are two. */
function byContainer(all: readonly CoeContainer[]): Both[] {
  const [six, four] = [all.filter(isSix), all.filter((one) => !isSix(one))];
  const same = (a: CoeContainer, b: CoeContainer) => a.name === b.name && a.node === b.node;
  return [
    ...four.map((one): Both => {
      const other = six.find((found) => same(found, one));
      return other === undefined ? one : { ...one, address6: other.address };
    }),
    ...six.filter((one) => !four.some((found) => same(found, one))),
  ];
}

function isSix({ address }: { readonly address: string }): boolean {
  return familyOf(address) === 6;
}

/** A service by its addresses; its name means the one of each family that others can reach, where it has one. */
function serviceNames(coe: CoePlan, name: string, addresses: readonly string[]): Named[] {
  const announced = announcedPrefixes(coe);
  const bestOf = (all: readonly string[]) =>
    all.find((one) => containedIn(announced, one)) ?? all[0];
  const [best6, best4] = [6, 4].map((family) =>
    bestOf(addresses.filter((one) => familyOf(one) === family)),
  );
  const best = best4 ?? best6;
  return addresses.map((address): Named => {
    const nodes = containedIn(announced, address) ? announcersOf(coe).map(({ id }) => id) : [];
    const end = { sort: "service", name, coe: coe.name, address, nodes } as const;
    const short = name.slice(name.indexOf("/") + 1);
    if (address !== best) return { end, names: [] };
    const both = best4 === undefined || best6 === undefined ? {} : { address6: best6 };
    return {
      end: { ...end, ...both },
      names: [name],
      ...(short === name ? {} : { short: [short] }),
    };
  });
}

/** Whose names are not known, because they could not be asked. */
export function namesMissing(plan: Plan, { containers }: Observation): string[] {
  return deployedCoes(plan).flatMap(({ name }) => {
    const answer = containers[name];
    if (answer === undefined) return [`${name}: no access to it in the stack outputs`];
    return answer.ok ? [] : [`${answer.asked}: ${answer.error}`];
  });
}

function valuesOf<T>(answer: Answer<readonly T[]> | undefined): readonly T[] {
  return answer?.ok ? answer.value : [];
}

/** What is asked for a DNS name. @param coe from whose nodes */
export function answersNeeded(coe: string, host: string): Need {
  return `answers/${coe}/${host}`;
}

/** The end that a DNS name leads to. @param coe whose nodes have asked for it */
export function hostEnd(
  plan: Plan,
  known: readonly Named[],
  place: "FROM" | "TO",
  host: string,
  coe: string,
  { answers }: Observation,
): End {
  const owner = zoneOf(plan, host)?.coe;
  const answer = answers?.[`${coe}/${host}`];
  const servers = owner?.names?.servers ?? [];
  const found = answer?.ok ? servers.flatMap((server) => answer.value[server] ?? []) : [];
  const [address] = found;
  const other = found.find((one) => familyOf(one) !== familyOf(address ?? ""));
  const six = [address, other].find((one) => familyOf(one ?? "") === 6);
  const first = address === six && other !== undefined ? other : address;
  if (first !== undefined) {
    const { address6: _, ...end } = endOf(plan, known, place, first);
    const both = six === undefined || six === first ? {} : { address6: six };
    return { ...end, ...both, asked: host, host };
  }
  return { asked: host, host, sort: "service", name: host, coe: owner?.name ?? coe, nodes: [] };
}

/** What is asked of the routers on the way, and of the nodes at its ends. */
export function wayNeeded(plan: Plan, ...ends: readonly End[]): Need[] {
  const nodes = new Set(ends.flatMap((end) => end.nodes));
  const signed = (id: string) =>
    sessionsAt(plan, id).some(({ session }) => session.password !== undefined);
  const coes = new Set(ends.map(({ coe }) => coe));
  return [
    ...Object.keys(plan.reflectors).flatMap((name): Need[] => [
      ...([`neighbours/${name}`, `rib/${name}`, `accepts/${name}`] as const),
    ]),
    ...[...nodes].flatMap((id): Need[] => [
      ...([`kernels/${id}`, `speakers/${id}`] as const),
      ...(signed(id) ? ([`signatures/${id}`] as const) : []),
    ]),
    ...[...coes].flatMap((name): Need[] => [`blocks/${name}`, `objects/${name}`]),
  ];
}

/** The containers at the ends, between which the kernels themselves are asked for the way. */
export function containersOf(plan: Plan, ends: readonly End[]): KernelEnd[] {
  return ends.flatMap((end) => kernelEnd({ plan }, end, nodeById(plan, end.nodes[0])) ?? []);
}

/** What is known of a way beside what was seen. */
export interface Attempted {
  /** The server's port of TCP. Default: that of the probes. */
  readonly port?: number;
  /** What came of trying it. */
  readonly tried?: Link;
}

/** The way from one end to the other and back, as it was seen. */
export function explainLive(
  scene: Scene,
  from: End,
  to: End,
  { port, tried }: Attempted = {},
): Explanation {
  const [source, target] = [nodeOf(scene, from), nodeOf(scene, to)];
  const on = port === undefined ? {} : { port };
  const ways = [
    way("there", scene, { ...tripOf(scene.plan, from, to, source, target), ...on }),
    way("back", scene, { ...tripOf(scene.plan, to, from, target, source), ...on }),
  ];
  const nodes = [source, target].flatMap((node) => (node === undefined ? [] : [node.id]));
  const known =
    tried?.why === unexplained
      ? { ...tried, why: `${tried.why}${mayBeElse(scene.plan, scene.seen, ...nodes)}` }
      : tried;
  const more = known === undefined ? {} : { tried: known };
  return { planned: false, from, to, ways, ...more, ...verdictOf(ways, known) };
}

/** The node of an end: its own, or the one that announces its address. */
function nodeOf({ plan, seen }: Scene, { nodes, address = "" }: End): NodePlan | undefined {
  const [only, ...more] = nodes;
  if (more.length === 0) return nodeById(plan, only);
  for (const answer of Object.values(seen.blocks)) {
    const block = blockOf(valuesOf(answer), address);
    const found = nodes.find((id) => block?.owners.includes(id));
    // Reflectors tell more: who has an address outside its block.
    if (found !== undefined && plan.topology === "mesh") return nodeById(plan, found);
  }
  for (const answer of Object.values(seen.rib)) {
    const paths = valuesOf(answer).filter((path) => contains(path.prefix, address));
    const hop = longest(paths, (path) => path.prefix)?.nextHop;
    const found = nodes.map((id) => nodeById(plan, id)).find((node) => node?.address === hop);
    if (found !== undefined) return found;
  }
  return nodeById(plan, only);
}

function way(direction: Way["direction"], scene: Scene, trip: Trip): Way {
  const { seen } = scene;
  const { from, to, source, target } = trip;
  const same = source !== undefined && source.id === target?.id;
  const delivery = deliveryLink(trip, seen);
  const named = direction === "there" ? liveName(trip, seen) : [];
  // Without an address there is no way to look at.
  if (from.address === undefined || to.address === undefined)
    return { direction, from, to, links: withCauses(named) };
  const links = [
    ...named,
    ownerLink(trip, seen),
    ...(direction === "there" ? policyOut(trip, seen) : []),
    ...sendingLinks(trip, seen, direction),
    ...(same ? [] : [...routes(scene, trip), ...kernelLinks(trip, seen, "source", direction)]),
    ...translatingPool(trip, seen),
    ...kernelLinks(trip, seen, "target", direction),
    ...(delivery === undefined ? [] : [delivery]),
    ...receivingLinks(trip, seen, direction),
    // Policy is about connections: answers to one that was let in pass.
    ...(direction === "there" ? [policyIn(trip, seen)] : []),
  ];
  return { direction, from, to, links: withCauses(links) };
}

/** The route of the source's node, and whom it has it from. */
function routes(scene: Scene, trip: Trip): readonly Standing[] {
  const { from, to, source, prefix } = trip;
  // A service that no node announces is told with its owner; whoever serves it is not known.
  if ([from, to].some(({ sort, nodes }) => sort === "service" && nodes.length === 0)) return [];
  if (source?.speaker === false && prefix !== undefined) return [speechlessLink(source, prefix)];
  const behind = routingLinks(scene, trip);
  return [fibLink(trip, scene.seen, [...behind].reverse().map(nameOf)), ...behind];
}
