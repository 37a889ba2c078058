import type { EdgeLook, Graph, GraphEdge, GraphNode } from "../types";
import {
  around,
  type Box,
  framed,
  gap,
  type Layout,
  type PlacedEdge,
  pathOf,
  sizeOfNode,
  textWidth,
  titleHeight,
} from "./box";

/** How far above the lane the reflectors are. */
const above = 130;
const shortest = 60;

/** What passes one after the other from left to right in a lane, with the reflectors above it. */
export function lane(graph: Graph): Layout {
  const boxes = new Map<string, Box>();
  const ranks = [...new Set(graph.nodes.map(({ rank }) => rank))].sort((a, b) => a - b);
  let x = 0;
  for (const rank of ranks) {
    const nodes = graph.nodes.filter((node) => node.rank === rank);
    const width = Math.max(...nodes.map((node) => sizeOfNode(node).width));
    let higher = -above;
    for (const node of nodes) {
      const size = sizeOfNode(node);
      const y = aboveLane(node) ? higher - size.height : -size.height / 2;
      if (aboveLane(node)) higher = y - gap;
      boxes.set(node.id, { ...size, x: x + (width - size.width) / 2, y });
    }
    x += width + room(graph, nodes);
  }
  const groups = graph.groups.map((group): [string, Box] => {
    const own = graph.nodes.filter((node) => node.group === group.id);
    return [
      group.id,
      around(
        own.flatMap(({ id }) => boxes.get(id) ?? []),
        gap / 2,
        titleHeight + 4,
      ),
    ];
  });
  return framed(graph, boxes, new Map(groups), (moved) => edges(graph, moved));
}

function aboveLane({ look }: GraphNode): boolean {
  return look === "reflector";
}

/** Behind a column there is room for the labels of what passes between it and the next one. */
function room(graph: Graph, nodes: readonly GraphNode[]): number {
  const rankOf = new Map(
    graph.nodes.filter((one) => !aboveLane(one)).map((one) => [one.id, one.rank]),
  );
  const lower = ({ from, to }: GraphEdge) =>
    Math.min(rankOf.get(from) ?? Number.NaN, rankOf.get(to) ?? Number.NaN);
  const labels = graph.edges
    .filter((edge) => edge.look !== "route" && lower(edge) === nodes[0]?.rank)
    .map(({ label = "" }) => textWidth(label));
  return Math.max(shortest, ...labels.map((width) => width + gap));
}

/** How far below the middle of the boxes an edge is drawn. */
const offsets: Readonly<Partial<Record<EdgeLook, number>>> = {
  packet: -12,
  dropped: -12,
  answer: 14,
};

function edges(graph: Graph, boxes: ReadonlyMap<string, Box>): PlacedEdge[] {
  return graph.edges.flatMap((edge): PlacedEdge[] => {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (from === undefined || to === undefined) return [];
    return [edge.look === "route" ? bow(edge, from, to) : straight(edge, from, to)];
  });
}

function straight(edge: GraphEdge, from: Box, to: Box): PlacedEdge {
  const right = from.x < to.x;
  const y = from.y + from.height / 2 + (offsets[edge.look] ?? 0);
  const start = right ? from.x + from.width : from.x;
  const end = right ? to.x : to.x + to.width;
  const label = offsets[edge.look] === offsets.answer ? y + 16 : y - 7;
  return { edge, path: pathOf("M", start, y, "H", end), label: [(start + end) / 2, label] };
}

/** Up to a reflector, or down from one, each direction on its own side of the middle. */
function bow(edge: GraphEdge, from: Box, to: Box): PlacedEdge {
  const up = from.y > to.y;
  const [lower, upper] = up ? [from, to] : [to, from];
  const left = lower.x < upper.x;
  const x = lower.x + lower.width / 2 + (up ? -10 : 10);
  const side = left ? upper.x : upper.x + upper.width;
  const y = upper.y + upper.height / 2 + (up ? -8 : 8);
  const ends = up
    ? pathOf("M", x, lower.y, "C", x, y, x, y, side, y)
    : pathOf("M", side, y, "C", x, y, x, y, x, lower.y);
  return { edge, path: ends, label: [x, up ? y - 8 : y + 16] };
}
