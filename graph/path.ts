import { addressesOf } from "../plan/families";
import { admits } from "../plan/policy";
import {
  endsBefore,
  networkOf,
  type Outcome,
  type Path,
  settle,
  type Topology,
  type Traits,
  topologyOf,
} from "../plan/propagation";
import type { NodePlan, Plan } from "../plan/types";
import type { PathEnd } from "./ends";
import type { Graph, GraphEdge, GraphNode } from "./types";

/**
 * The path of one packet and of its answer, by the model of the plan, with the announcements that make it.
 * @param traits by kind of COE or of reflector, how its routers speak BGP
 */
export function pathGraph(plan: Plan, from: PathEnd, to: PathEnd, traits: Traits): Graph {
  const topology = topologyOf(networkOf(plan, new Set([from.node.id, to.node.id])), traits);
  const there = way(topology, from, to);
  const back = way(topology, to, from);
  const routers = [...there.reflectors, ...back.reflectors];
  const via = [...new Set(routers)].sort();
  const hop = there.routed || back.routed;
  const end = hop ? 4 : 3;
  const nodes: GraphNode[] = [
    { id: "from", lines: [from.what], look: "container", rank: 0, group: from.coe.name },
    nodeOf("sender", from.node, 1, from.coe.name),
    ...(hop
      ? [
          {
            id: "gateway",
            lines: ["routers between", "node networks"],
            look: "gateway",
            rank: 2,
          } as const,
        ]
      : []),
    ...via.map((name): GraphNode => {
      const { kind = "", asn } = plan.reflectors[name] ?? {};
      return {
        id: `reflector ${name}`,
        lines: [name, kind, `AS ${asn}`],
        look: "reflector",
        rank: 2,
      };
    }),
    ...(from.node.id === to.node.id ? [] : [nodeOf("receiver", to.node, end, to.coe.name)]),
    { id: "to", lines: [to.what], look: "container", rank: end + 1, group: to.coe.name },
  ];
  const groups = [...new Set([from.coe, to.coe])].map(({ name, kind }) => ({
    id: name,
    title: `${name} (${kind})`,
  }));
  return {
    title: `Path from ${from.what} to ${to.what}`,
    direction: "right",
    groups,
    nodes,
    edges:
      from.node.id === to.node.id
        ? [edge("from", "sender", "packet"), last("sender", "to", from, to)]
        : [
            edge("from", "sender", "packet", "default route"),
            ...hops("sender", "receiver", there, "packet"),
            last("receiver", "to", from, to),
            ...hops("receiver", "sender", back, "answer"),
            ...routes(to, "receiver", "sender", there),
            ...routes(from, "sender", "receiver", back),
          ],
    notes: [
      ...[from.note, to.note].flatMap((note) => note ?? []),
      ...new Set([...there.broken, ...back.broken]),
      ...(admits(to.coe, from.coe)
        ? []
        : [
            `${to.coe.name} does not let in containers of ${from.coe.name} (policy: ${to.coe.policy.mode}).`,
          ]),
    ],
  };
}

/** How one node reaches what is behind another. */
interface Way {
  readonly to: string;
  readonly nextHop?: string;
  readonly routed: boolean;
  /** Names of the sessions that the route comes over, and of the reflectors between them. */
  readonly over: readonly string[];
  readonly reflectors: readonly string[];
  /** Why there is no route. */
  readonly broken: readonly string[];
}

function way(topology: Topology, from: PathEnd, to: PathEnd): Way {
  if (from.node.id === to.node.id)
    return { to: to.prefix, routed: false, over: [], reflectors: [], broken: [] };
  const outcome = settle(topology, to.prefix, [to.node.id]);
  const path = best(outcome, from.node.id);
  const over = path?.over ?? [];
  return {
    to: to.prefix,
    ...(path?.nextHop === undefined ? {} : { nextHop: path.nextHop }),
    routed: path?.learned?.reach === "routed",
    over,
    reflectors: over.slice(0, -1).flatMap((name, at) => between(topology, name, over[at + 1])),
    broken: endsBefore(topology, outcome, to.node.id, from.node.id).map(({ session, reason }) => {
      const where = session === "" ? "" : `it ends at the session ${session}, where `;
      return `${from.node.id} gets no route to ${to.prefix}: ${where}${reason}.`;
    }),
  };
}

function best(outcome: Outcome, router: string): Path | undefined {
  const [path] = outcome.paths.get(router) ?? [];
  return path?.learned?.reach === undefined ? undefined : path;
}

/** The router at which two sessions meet. */
function between({ network }: Topology, one: string, other: string | undefined): string[] {
  const ends = (name: string | undefined) => {
    const session = network.sessions[name ?? ""];
    return session === undefined ? [] : [session.a.router, session.b.router];
  };
  return ends(one).filter((router) => ends(other).includes(router));
}

function nodeOf(id: string, node: NodePlan, rank: number, group: string): GraphNode {
  const lines = [node.id, ...addressesOf(node), `AS ${node.asn}`];
  return { id, lines, look: "node", rank, group };
}

function edge(from: string, to: string, look: GraphEdge["look"], label?: string): GraphEdge {
  return { from, to, look, ...(label === undefined ? {} : { label }) };
}

function hops(from: string, to: string, found: Way, look: "packet" | "answer"): GraphEdge[] {
  if (found.nextHop === undefined) return [edge(from, to, "dropped", `no route to ${found.to}`)];
  const label = `${found.to} via ${found.nextHop}`;
  return found.routed
    ? [edge(from, "gateway", look, label), edge("gateway", to, look)]
    : [edge(from, to, look, label)];
}

function last(from: string, to: string, sender: PathEnd, receiver: PathEnd): GraphEdge {
  return admits(receiver.coe, sender.coe)
    ? edge(from, to, "packet")
    : edge(from, to, "dropped", `dropped: policy of ${receiver.coe.name}`);
}

/** The announcements, from the node that has the block to the one that learns of it. */
function routes(origin: PathEnd, from: string, to: string, { over, reflectors }: Way): GraphEdge[] {
  const stops = [from, ...reflectors.map((name) => `reflector ${name}`), to];
  return over.flatMap((session, at) => {
    const [start, end] = [stops[at], stops[at + 1]];
    if (start === undefined || end === undefined) return [];
    return [
      {
        ...edge(start, end, "route", at === 0 ? `announces ${origin.prefix}` : undefined),
        sessions: [session],
      },
    ];
  });
}
