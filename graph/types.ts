/**
 * A picture as plain data: what is in it, not where it is drawn. Sorted, so that the same plan gives the same text in every
 * format.
 */
export interface Graph {
  readonly title: string;
  /** Where the next rank is drawn. */
  readonly direction: "down" | "right";
  /** Boxes around nodes, in the order in which they are drawn. */
  readonly groups: readonly GraphGroup[];
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Sentences below the picture. */
  readonly notes: readonly string[];
}

export interface GraphGroup {
  readonly id: string;
  readonly title: string;
}

/** What a node stands for. */
export type NodeLook =
  | "reflector"
  | "node"
  /** A node without a BGP speaker. */
  | "silent"
  /** Several nodes that are alike. */
  | "several"
  | "network"
  | "containers"
  | "retiring"
  | "services"
  | "free"
  | "container"
  | "gateway";

export interface GraphNode {
  readonly id: string;
  /** The first line is its name. */
  readonly lines: readonly string[];
  readonly look: NodeLook;
  /** Row of a picture that goes down, column of one that goes right; counted from 0. */
  readonly rank: number;
  readonly group?: string;
  /** How much of what it is part of it takes, from 0 to 1. */
  readonly share?: number;
}

/** What an edge stands for. */
export type EdgeLook =
  | "ibgp"
  | "ebgp"
  | "holds"
  /** A packet, its answer, one that is dropped, and the announcement that shows the way. */
  | "packet"
  | "answer"
  | "dropped"
  | "route";

/** Whether what an edge stands for works at the moment. */
export type EdgeState = "up" | "down" | "unknown";

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly look: EdgeLook;
  readonly label?: string;
  /** Names of the sessions that it stands for. Absent: it stands for none. */
  readonly sessions?: readonly string[];
  readonly state?: EdgeState;
}

/** The picture with the state of its sessions: one that is down makes its edge so. @param states by name of the session */
export function withStates(graph: Graph, states: Readonly<Record<string, EdgeState>>): Graph {
  const edges = graph.edges.map((edge): GraphEdge => {
    if (edge.sessions === undefined) return edge;
    const seen = edge.sessions.map((name) => states[name] ?? "unknown");
    const state = (["down", "unknown"] as const).find((one) => seen.includes(one)) ?? "up";
    return { ...edge, state };
  });
  return { ...graph, edges };
}
