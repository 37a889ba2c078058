import { families } from "../families";
import { isReflector, sessionsByNode } from "../sessions";
import type { Plan, SessionPlan } from "../types";
import { endsBefore } from "./fate";
import { firstBlocks, type Modelled, networkOf } from "./from-plan";
import { settle } from "./settle";
import { topologyOf } from "./topology";
import type { Traits } from "./traits";
import { tripOf } from "./trip";

/** Two nodes of which one gets no path to the other's routes, and where the path ends. */
export interface DeadEnd {
  /** Ids of the nodes: who announces, and who gets nothing. */
  readonly from: string;
  readonly to: string;
  readonly session: string;
  readonly reason: string;
}

/** Nodes whose sessions are alike: they have the same paths, so that two stand for all of them. */
interface Sort {
  /** Ids. */
  readonly nodes: readonly string[];
}

/** The sorts of one AS. */
type System = readonly Sort[];

/**
 * Where paths do not arrive. One pair of nodes stands for all of its sorts, and two ASs stand for all that are alike, so
 * that the work does not grow with the number of nodes.
 */
export function deadEnds(plan: Modelled, traits: Traits): DeadEnd[] {
  const likenesses = alike(plan);
  const found = endsAmong(
    plan,
    traits,
    likenesses.flatMap((systems) => systems.slice(0, 2).flat()),
  );
  const rest = likenesses.flatMap(([first = [], , ...others]) => {
    const inside = new Set(first.flatMap(({ nodes }) => nodes));
    return found.some(({ from, to }) => inside.has(from) && inside.has(to)) ? others : [];
  });
  return [...found, ...rest.flatMap((system) => endsAmong(plan, traits, system))];
}

function endsAmong(plan: Modelled, traits: Traits, sorts: readonly Sort[]): DeadEnd[] {
  const nodes = sorts.flatMap((sort) => sort.nodes.slice(0, 2));
  const topology = topologyOf(networkOf(plan, new Set(nodes)), traits);
  return families.flatMap((family) => {
    const blocks = firstBlocks(plan, new Set(nodes), family);
    return sorts.flatMap(({ nodes: [from = ""] }) => {
      const block = blocks.get(from);
      if (block === undefined) return [];
      const outcome = settle(topology, block, [from]);
      return sorts.flatMap((other): DeadEnd[] => {
        const to = other.nodes.find((id) => id !== from);
        if (to === undefined || !blocks.has(to)) return [];
        const [end] = endsBefore(topology, outcome, from, to);
        if (end !== undefined) return [{ from, to, session: end.session, reason: end.reason }];
        const { end: reason } = tripOf(topology, outcome, to, from);
        const session = outcome.paths.get(to)?.[0]?.over.at(-1) ?? "";
        return reason === undefined ? [] : [{ from, to, session, reason }];
      });
    });
  });
}

/** ASs whose nodes are of the same sorts are alike, unless a reflector is in one of them. */
function alike(plan: Modelled): (readonly System[])[] {
  const kinds = new Map(Object.values(plan.coes).map(({ name, kind }) => [`${name}/`, kind]));
  const byNode = [...sessionsByNode(plan, Object.values(plan.sessions))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const sorts = grouped(byNode, ([id, own]) => {
    const coe = id.slice(0, id.indexOf("/") + 1);
    return [asnOf(id, own), kinds.get(coe), ...alikeness(plan, own)].join(" ");
  });
  const systems = grouped(sorts, ([, [first]]) => first && asnOf(...first));
  const reflectors = new Set(Object.values(plan.reflectors).map(({ asn }) => asn));
  const likenesses = grouped(systems, ([asn, members]) =>
    [
      asn !== undefined && reflectors.has(asn) ? asn : "",
      ...members.map(([key, nodes]) => `${key.slice(key.indexOf(" "))} ${nodes.length > 1}`).sort(),
    ].join(),
  );
  return [...likenesses.values()].map((same) =>
    same.map(([, members]) => members.map(([, nodes]) => ({ nodes: nodes.map(([id]) => id) }))),
  );
}

function asnOf(id: string, [first]: readonly SessionPlan[]): number | undefined {
  return first?.a.id === id ? first.a.asn : first?.b.asn;
}

/** Everything about a node's sessions, beside its AS, that a path depends on. */
export function alikeness(
  plan: Pick<Plan, "reflectors">,
  sessions: readonly SessionPlan[],
): string[] {
  const all = sessions.map((one) => traitsOf(plan, one));
  return [...new Set(all)].sort();
}

/** A reflector is one of a kind; another node stands for all of its COE. */
function traitsOf(
  plan: Pick<Plan, "reflectors">,
  { a, b, families: carried }: SessionPlan,
): string {
  const same = a.asn === b.asn;
  if (isReflector(plan, a.id))
    return [carried, a.id, same, a.role, b.role, a.replacePeerAs, a.sendPaths].join(" ");
  const coes = [a.id, b.id].map((id) => id.slice(0, id.indexOf("/"))).sort();
  return [carried, ...coes, same, a.ownRoutesOnly, b.ownRoutesOnly].join(" ");
}

export function grouped<T, K>(all: Iterable<T>, keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
