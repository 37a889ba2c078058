import { isInternal } from "../plan/sessions";
import type { CoePlan, NodePlan, Plan, SessionPlan } from "../plan/types";
import { compareNames } from "../util/names";
import { containedIn, listOf, nodeNetworks, podRanges } from "../util/ranges";
import type { Graph, GraphEdge, GraphNode } from "./types";

/** Nodes of one COE that are drawn one by one; more are drawn as one box for all that are alike. */
export const mostNodes = 16;

/** Nodes that are drawn as one. */
interface Drawn {
  readonly node: GraphNode;
  /** Ids in the plan. */
  readonly ids: readonly string[];
}

/** Reflectors, COEs with their nodes, and the sessions between them. @param most nodes of a COE that are drawn one by one */
export function topologyGraph(plan: Plan, most = mostNodes): Graph {
  const racks = nodeNetworks(plan);
  const coes = Object.values(plan.coes).sort((a, b) => compareNames(a.name, b.name));
  const drawn = coes.flatMap((coe) => nodesOf(coe, racks, most));
  const reflectors = Object.values(plan.reflectors)
    .sort((a, b) => compareNames(a.name, b.name))
    .map(
      ({ name, kind, address, address6, asn, clusterId, rack }): GraphNode => ({
        id: `reflector ${name}`,
        lines: [
          name,
          `${kind}, ${address}`,
          ...(address6 === undefined ? [] : [address6]),
          `AS ${asn}`,
          ...(clusterId === address ? [] : [`cluster-id ${clusterId}`]),
          ...(rack === undefined ? [] : [`router of ${rack}`]),
        ],
        look: "reflector",
        rank: 0,
      }),
    );
  return {
    title: "Routers and sessions",
    direction: "down",
    groups: coes.map((coe) => ({ id: coe.name, title: titleOf(coe) })),
    nodes: [...reflectors, ...drawn.map(({ node }) => node)],
    edges: sessionEdges(plan, drawn),
    notes: notesOf(plan, racks),
  };
}

function notesOf({ racks }: Plan, networks: readonly string[]): string[] {
  if (racks !== undefined)
    return [
      `Racks: ${Object.values(racks)
        .map(({ name, cidr }) => `${name} ${listOf(cidr).join(" and ")}`)
        .join(", ")}`,
    ];
  return networks.length > 1 ? [`Node networks: ${networks.join(", ")}`] : [];
}

function titleOf(coe: CoePlan): string {
  const { name, kind, deployed } = coe;
  const ranges = podRanges(coe).join(", ");
  return `${name} (${kind}${deployed ? "" : ", not deployed"}), containers ${ranges}`;
}

function nodesOf(coe: CoePlan, racks: readonly string[], most: number): Drawn[] {
  const all = Object.values(coe.nodes).sort((a, b) => compareNames(a.name, b.name));
  if (all.length <= most) return all.map((node) => ({ node: one(coe, node), ids: [node.id] }));
  const alike = new Map<string, NodePlan[]>();
  for (const node of all) {
    const rack = racks.find((range) => containedIn([range], node.address)) ?? "";
    const key = JSON.stringify([rack, node.role, node.asn, node.speaker]);
    alike.set(key, [...(alike.get(key) ?? []), node]);
  }
  return [...alike.entries()].map(([key, nodes]) => {
    const [first, ...more] = nodes;
    if (first !== undefined && more.length === 0) return { node: one(coe, first), ids: [first.id] };
    return { node: several(coe, key, nodes, racks), ids: nodes.map(({ id }) => id) };
  });
}

function one(coe: CoePlan, node: NodePlan): GraphNode {
  const { id, name, address, address6, role, asn, speaker, rack } = node;
  return {
    id: `node ${id}`,
    lines: [
      name,
      `${role}, ${address}`,
      ...(address6 === undefined ? [] : [address6]),
      ...(rack === undefined ? [] : [`in ${rack}`]),
      speaker ? `AS ${asn}` : "no BGP",
    ],
    look: speaker ? "node" : "silent",
    rank: 1,
    group: coe.name,
  };
}

function several(
  coe: CoePlan,
  key: string,
  nodes: readonly NodePlan[],
  racks: readonly string[],
): GraphNode {
  const [first, last] = [nodes[0], nodes.at(-1)];
  const rack = racks.find((range) => containedIn([range], first?.address ?? ""));
  return {
    id: `nodes ${coe.name} ${key}`,
    lines: [
      `${nodes.length} nodes, ${first?.role}`,
      `${first?.name} to ${last?.name}`,
      ...(racks.length > 1 && rack !== undefined ? [`in ${rack}`] : []),
      first?.speaker === true ? `AS ${first.asn}` : "no BGP",
    ],
    look: "several",
    rank: 1,
    group: coe.name,
  };
}

function sessionEdges(plan: Plan, drawn: readonly Drawn[]): GraphEdge[] {
  const drawnAs = new Map(drawn.flatMap(({ node, ids }) => ids.map((id) => [id, node.id])));
  const reflectors = new Set(Object.keys(plan.reflectors));
  const idOf = (id: string) => (reflectors.has(id) ? `reflector ${id}` : (drawnAs.get(id) ?? id));
  const edges = new Map<string, SessionPlan[]>();
  for (const session of Object.values(plan.sessions)) {
    const ends = [idOf(session.a.id), idOf(session.b.id)];
    const internal = isInternal(session);
    // Ends of nodes are in the order of their names, which says nothing of the boxes they are in.
    const key = JSON.stringify([internal, ...(reflectors.has(session.a.id) ? ends : ends.sort())]);
    edges.set(key, [...(edges.get(key) ?? []), session]);
  }
  return [...edges.values()].flatMap((sessions): GraphEdge[] => {
    const [first] = sessions;
    if (first === undefined) return [];
    const internal = isInternal(first);
    return [
      {
        from: idOf(first.a.id),
        to: idOf(first.b.id),
        look: internal ? "ibgp" : "ebgp",
        label: [
          ...(sessions.length > 1 ? [`${sessions.length} sessions`] : []),
          internal ? `iBGP` : `eBGP`,
          ...(first.password === undefined ? [] : ["password"]),
        ].join(", "),
        sessions: sessions.map(({ name }) => name).sort(compareNames),
      },
    ];
  });
}
