import type { Graph } from "../types";
import { type Box, framed, type Layout, type PlacedEdge, pathOf, sizeOfNode } from "./box";

const columnGap = 70;
const rowGap = 10;
const branchGap = 26;

/** Roots in one column, and beside each what it holds. */
export function tree(graph: Graph): Layout {
  const boxes = new Map<string, Box>();
  const roots = graph.nodes.filter(({ rank }) => rank === 0);
  const rootWidth = Math.max(0, ...roots.map((node) => sizeOfNode(node).width));
  const parts = graph.nodes.filter(({ rank }) => rank > 0);
  const partWidth = Math.max(0, ...parts.map((node) => sizeOfNode(node).width));
  let y = 0;
  for (const root of roots) {
    const held = new Set(graph.edges.filter(({ from }) => from === root.id).map(({ to }) => to));
    const size = sizeOfNode(root);
    let below = y;
    for (const node of graph.nodes.filter(({ id }) => held.has(id))) {
      const { height } = sizeOfNode(node);
      boxes.set(node.id, { x: rootWidth + columnGap, y: below, width: partWidth, height });
      below += height + rowGap;
    }
    const height = Math.max(below - rowGap - y, size.height);
    boxes.set(root.id, { ...size, width: rootWidth, x: 0, y: y + (height - size.height) / 2 });
    y += height + branchGap;
  }
  return framed(graph, boxes, new Map(), (moved) => edges(graph, moved));
}

function edges(graph: Graph, boxes: ReadonlyMap<string, Box>): PlacedEdge[] {
  return graph.edges.flatMap((edge): PlacedEdge[] => {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (from === undefined || to === undefined) return [];
    const [x, y] = [from.x + from.width, from.y + from.height / 2];
    const middle = (x + to.x) / 2;
    const end = to.y + to.height / 2;
    const path = pathOf("M", x, y, "C", middle, y, middle, end, to.x, end);
    return [{ edge, path, label: [middle, (y + end) / 2] }];
  });
}
