import { line } from "../text";
import type { Graph, GraphEdge, GraphGroup, GraphNode } from "../types";

/** Where something is drawn, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly edge: GraphEdge;
  /** The `d` of an SVG path. */
  readonly path: string;
  /** The middle of its label. */
  readonly label: readonly [x: number, y: number];
}

/** A picture with the place of everything. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** In the order of the graph's nodes, without those that have no place. */
  readonly nodes: readonly { readonly node: GraphNode; readonly box: Box }[];
  readonly groups: readonly { readonly group: GraphGroup; readonly box: Box }[];
  readonly edges: readonly PlacedEdge[];
}

export const lineHeight = 17;
export const padding = 10;
export const gap = 24;
/** Height of a group's title. */
export const titleHeight = 28;
const fontSize = 13;

/** How wide a text is drawn at most, whatever font the reader has. @param share of the font's size that a letter takes */
export function textWidth(text: string, share = 0.58): number {
  return [...line(text)].reduce((sum, one) => sum + fontSize * (isWide(one) ? 1 : share), 0);
}

/** Characters of East Asia and pictures, which are as wide as high (Unicode TR 11). */
function isWide(character: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\uff00-\uff60]/u.test(
    character,
  );
}

export function sizeOfNode({ lines, share }: GraphNode): Pick<Box, "width" | "height"> {
  const widths = lines.map((text, at) => textWidth(text, at === 0 ? 0.66 : undefined));
  const width = Math.max(80, ...widths) + 2 * padding;
  const bar = share === undefined ? 0 : 8;
  return { width: Math.ceil(width), height: lines.length * lineHeight + 2 * padding + bar };
}

/** The box around some boxes. */
export function around(boxes: readonly Box[], margin: number, above = margin): Box {
  const x = Math.min(...boxes.map((one) => one.x)) - margin;
  const y = Math.min(...boxes.map((one) => one.y)) - above;
  const right = Math.max(...boxes.map((one) => one.x + one.width)) + margin;
  const bottom = Math.max(...boxes.map((one) => one.y + one.height)) + margin;
  return { x, y, width: right - x, height: bottom - y };
}

/** What is known of where things are; moved so that all of it is inside the picture. */
export function framed(
  graph: Graph,
  boxes: ReadonlyMap<string, Box>,
  groups: ReadonlyMap<string, Box>,
  edgesOf: (boxes: ReadonlyMap<string, Box>) => readonly PlacedEdge[],
): Layout {
  const all = [...boxes.values(), ...groups.values()];
  if (all.length === 0) return { width: 1, height: 1, nodes: [], groups: [], edges: [] };
  const frame = around(all, gap);
  const move = (box: Box): Box => ({ ...box, x: box.x - frame.x, y: box.y - frame.y });
  const moved = new Map([...boxes].map(([id, box]) => [id, move(box)]));
  return {
    width: Math.ceil(frame.width),
    height: Math.ceil(frame.height),
    nodes: graph.nodes.flatMap((node) => {
      const box = moved.get(node.id);
      return box === undefined ? [] : [{ node, box }];
    }),
    groups: graph.groups.flatMap((group) => {
      const box = groups.get(group.id);
      return box === undefined ? [] : [{ group, box: move(box) }];
    }),
    edges: edgesOf(moved),
  };
}

export function pathOf(...parts: readonly (string | number)[]): string {
  return parts
    .map((part) => (typeof part === "number" ? String(Math.round(part)) : part))
    .join(" ");
}
