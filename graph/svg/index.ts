import { line } from "../text";
import type { Graph, GraphEdge } from "../types";
import { type Box, gap, type Layout, lineHeight, type PlacedEdge, padding } from "./box";
import { lane } from "./lane";
import { rows } from "./rows";
import { pictureStyle } from "./style";
import { tree } from "./tree";

export { pictureStyle } from "./style";

export interface SvgOptions {
  /** Begins the ids in it, which have to be unique in the page. Default: seamless. */
  readonly prefix?: string;
  /** Whether it brings its own style; a page with several of them has it once. Default: true. */
  readonly style?: boolean;
}

/** The picture as one SVG, with no script in it and nothing that has to be fetched. */
export function svg(graph: Graph, { prefix = "seamless", style = true }: SvgOptions = {}): string {
  const layout = layoutOf(graph);
  const notes = graph.notes.map((note, at) => {
    const y = layout.height + (at + 1) * lineHeight;
    return `<text class="more" x="24" y="${y}">${xml(note, 400)}</text>`;
  });
  const height = layout.height + (notes.length === 0 ? 0 : (notes.length + 1) * lineHeight);
  const arrow = `${prefix}-arrow`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="seamless" viewBox="0 0 ${layout.width} ${height}" width="${layout.width}" height="${height}" role="img" aria-labelledby="${prefix}-title ${prefix}-desc">`,
    `<title id="${prefix}-title">${xml(graph.title)}</title>`,
    `<desc id="${prefix}-desc">${xml(inWords(graph), 4000)}</desc>`,
    ...(style ? [`<style>${pictureStyle}</style>`] : []),
    `<defs><marker id="${arrow}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M 0 0 L 8 4 L 0 8 z"/></marker></defs>`,
    `<rect class="page" width="${layout.width}" height="${height}"/>`,
    ...layout.groups.map(({ box }) => `<rect class="group" ${corner(box)} rx="8"/>`),
    ...layout.edges.map((placed) => drawEdge(placed, arrow, graph.direction === "right")),
    ...layout.groups.map(({ group, box }) => titleOf(group.title, box)),
    ...layout.nodes.map(({ node, box }) => drawNode(node.lines, node.look, box, node.share)),
    ...notes,
    "</svg>",
    "",
  ].join("\n");
}

function layoutOf(graph: Graph): Layout {
  if (graph.direction === "down") return rows(graph);
  return graph.groups.length > 0 ? lane(graph) : tree(graph);
}

/** Above the lines, which may cross it. */
function titleOf(title: string, { x, y }: Box): string {
  return `<text class="more over" x="${Math.round(x) + gap}" y="${Math.round(y) + 19}">${xml(title, 200)}</text>`;
}

function drawNode(
  lines: readonly string[],
  look: string,
  box: Box,
  share: number | undefined,
): string {
  const texts = lines.map((text, at) => {
    const y = box.y + padding + (at + 1) * lineHeight - 4;
    return `<text class="${at === 0 ? "name" : "more"}" x="${box.x + padding}" y="${y}">${xml(text)}</text>`;
  });
  return `<g class="${look}"><rect class="box" ${corner(box)} rx="5"/>${texts.join("")}${bar(box, share)}</g>`;
}

/** How much of the whole it is, as a bar below the lines. */
function bar({ x, y, width, height }: Box, share: number | undefined): string {
  if (share === undefined) return "";
  const inner = width - 2 * padding;
  const at = `x="${x + padding}" y="${y + height - padding - 3}"`;
  const filled = Math.max(1, Math.round(inner * share));
  return `<rect class="bar" ${at} width="${inner}" height="6"/><rect class="share" ${at} width="${filled}" height="6"/>`;
}

function drawEdge({ edge, path, label }: PlacedEdge, arrow: string, labelled: boolean): string {
  const directed = !["ibgp", "ebgp", "holds"].includes(edge.look);
  const marker = directed ? ` marker-end="url(#${arrow})"` : "";
  const said = labelOf(edge, labelled);
  const text =
    said === ""
      ? ""
      : `<text class="label" text-anchor="middle" x="${Math.round(label[0])}" y="${Math.round(label[1])}">${xml(said)}</text>`;
  const title = [edge.label, ...(edge.sessions ?? []), edge.state].filter(
    (one) => one !== undefined,
  );
  const about = title.length === 0 ? "" : `<title>${xml(title.join(", "), 200)}</title>`;
  const state = edge.state === undefined ? "" : ` ${edge.state}`;
  return `<g class="${edge.look}${state}">${about}<path class="edge" d="${path}"${marker}/>${text}</g>`;
}

/** In a picture of sessions only what is not the same everywhere is written beside the lines. */
function labelOf({ label = "", state }: GraphEdge, labelled: boolean): string {
  if (state === "down" || state === "unknown") return state;
  return labelled || label !== "iBGP" ? label : "";
}

/** For those who do not see it. */
function inWords({ nodes, edges, groups }: Graph): string {
  const named = nodes.slice(0, 40).map(({ lines }) => lines.join(" "));
  const more = nodes.length > named.length ? `, and ${nodes.length - named.length} more` : "";
  return [
    groups.map(({ title }) => title).join("; "),
    `${named.join("; ")}${more}`,
    `${edges.length} lines`,
  ]
    .filter((part) => part !== "")
    .join(". ");
}

function corner({ x, y, width, height }: Box): string {
  return `x="${Math.round(x)}" y="${Math.round(y)}" width="${Math.round(width)}" height="${Math.round(height)}"`;
}

function xml(text: string, most?: number): string {
  return line(text, most)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
