import type { Graph, GraphNode } from "../types";
import {
  type Box,
  framed,
  gap,
  type Layout,
  type PlacedEdge,
  padding,
  pathOf,
  sizeOfNode,
  textWidth,
  titleHeight,
} from "./box";

/** Nodes of a group beside each other, and groups beside each other. */
const columns = 3;
const groupsInRow = 2;
/** Between two ranks, where the edges are seen. */
const rankGap = 90;

interface Item {
  readonly width: number;
  readonly height: number;
  /** Boxes relative to the item's corner. */
  readonly nodes: ReadonlyMap<string, Box>;
  readonly group?: string;
}

/** One rank below the other: single nodes first, then groups, each a grid of its nodes. */
export function rows(graph: Graph): Layout {
  const boxes = new Map<string, Box>();
  const groups = new Map<string, Box>();
  const ranks = [...new Set(graph.nodes.map(({ rank }) => rank))].sort((a, b) => a - b);
  let y = 0;
  for (const rank of ranks) {
    const nodes = graph.nodes.filter((node) => node.rank === rank);
    for (const items of lines(graph, nodes)) {
      const width = items.reduce((sum, item) => sum + item.width + gap, -gap);
      let x = -width / 2;
      for (const item of items) {
        for (const [id, box] of item.nodes) boxes.set(id, { ...box, x: box.x + x, y: box.y + y });
        if (item.group !== undefined)
          groups.set(item.group, { x, y, width: item.width, height: item.height });
        x += item.width + gap;
      }
      y += Math.max(...items.map(({ height }) => height)) + gap;
    }
    y += rankGap - gap;
  }
  return framed(graph, boxes, groups, (moved) => edges(graph, moved));
}

function lines(graph: Graph, nodes: readonly GraphNode[]): Item[][] {
  const known = new Set(graph.groups.map(({ id }) => id));
  const single = nodes
    .filter(({ group }) => group === undefined || !known.has(group))
    .map((node): Item => {
      const size = sizeOfNode(node);
      return { ...size, nodes: new Map([[node.id, { x: 0, y: 0, ...size }]]) };
    });
  const grouped = graph.groups.flatMap((group) => {
    const own = nodes.filter((node) => node.group === group.id);
    return own.length === 0 ? [] : [grid(group.id, textWidth(group.title), own)];
  });
  return [...inLines(single, 2 * columns), ...inLines(grouped, groupsInRow)];
}

function inLines(items: readonly Item[], most: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, at) =>
    items.slice(at * most, (at + 1) * most),
  );
}

function grid(group: string, titleWidth: number, nodes: readonly GraphNode[]): Item {
  const sizes = nodes.map(sizeOfNode);
  const width = Math.max(...sizes.map((size) => size.width));
  const height = Math.max(...sizes.map((size) => size.height));
  const across = Math.min(columns, nodes.length);
  const boxes = nodes.map((node, at): [string, Box] => [
    node.id,
    {
      x: gap + (at % across) * (width + gap),
      y: titleHeight + padding + Math.floor(at / across) * (height + gap),
      width,
      height,
    },
  ]);
  const down = Math.ceil(nodes.length / across);
  return {
    width: Math.max(gap + across * (width + gap), titleWidth + 2 * padding),
    height: titleHeight + padding + down * (height + gap),
    nodes: new Map(boxes),
    group,
  };
}

/** From the lower edge of one box to the next one's side, down the lane left of it, so that no line crosses a box. */
function edges(graph: Graph, boxes: ReadonlyMap<string, Box>): PlacedEdge[] {
  return graph.edges.flatMap((edge): PlacedEdge[] => {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (from === undefined || to === undefined) return [];
    const [x, y] = [from.x + from.width / 2, from.y + from.height];
    const lane = to.x - gap / 2;
    const top = topOf(graph, boxes, edge.to) - titleHeight - padding;
    const half = (y + top) / 2;
    const side = to.y + to.height / 2;
    return [
      {
        edge,
        path: pathOf("M", x, y, "C", x, half, lane, half, lane, top, "V", side, "H", to.x),
        label: [to.x + to.width / 2, to.y - 6],
      },
    ];
  });
}

/** The upper edge of the first row of the group that a node is in. */
function topOf(graph: Graph, boxes: ReadonlyMap<string, Box>, id: string): number {
  const group = graph.nodes.find((node) => node.id === id)?.group;
  const all = graph.nodes.filter((node) => node.id === id || node.group === group);
  return Math.min(...all.flatMap((node) => boxes.get(node.id)?.y ?? []));
}
