import { line } from "./text";
import type { EdgeLook, Graph, GraphEdge, GraphNode, NodeLook } from "./types";

/** Colours are those of a light page; on a dark one the boxes keep them. */
const classes: Readonly<Record<NodeLook, string>> = {
  reflector: "fill:#ede4ff,stroke:#6f42c1,color:#1f2328",
  node: "fill:#dbeafe,stroke:#1d4ed8,color:#1f2328",
  silent: "fill:#f3f4f6,stroke:#6b7280,color:#1f2328,stroke-dasharray:4 3",
  several: "fill:#dbeafe,stroke:#1d4ed8,color:#1f2328,stroke-width:3px",
  network: "fill:#f3f4f6,stroke:#374151,color:#1f2328",
  containers: "fill:#dcfce7,stroke:#15803d,color:#1f2328",
  retiring: "fill:#fef3c7,stroke:#b45309,color:#1f2328",
  services: "fill:#cffafe,stroke:#0e7490,color:#1f2328",
  free: "fill:#ffffff,stroke:#9ca3af,color:#1f2328,stroke-dasharray:4 3",
  container: "fill:#dcfce7,stroke:#15803d,color:#1f2328",
  gateway: "fill:#f3f4f6,stroke:#374151,color:#1f2328",
};

/** Without and with a text on it. */
const arrows: Readonly<Record<EdgeLook, string>> = {
  ibgp: "---",
  ebgp: "---",
  holds: "---",
  packet: "==>",
  answer: "-->",
  dropped: "--x",
  route: "-.->",
};

/** A flowchart of Mermaid. */
export function mermaid(graph: Graph): string {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const draw = (node: GraphNode, indent: string) =>
    `${indent}${ids.get(node.id)}["${node.lines.map(text).join("<br/>")}"]:::${node.look}`;
  const known = new Set(graph.groups.map(({ id }) => id));
  const used = [...new Set(graph.nodes.map(({ look }) => look))].sort();
  return [
    `flowchart ${graph.direction === "down" ? "TB" : "LR"}`,
    `  accTitle: ${line(graph.title).replace(/[^\p{L}\p{N} ./-]/gu, " ")}`,
    ...graph.groups.flatMap((group, index) => [
      `  subgraph g${index}["${text(group.title)}"]`,
      ...graph.nodes.filter((node) => node.group === group.id).map((node) => draw(node, "    ")),
      "  end",
    ]),
    ...graph.nodes
      .filter(({ group }) => group === undefined || !known.has(group))
      .map((node) => draw(node, "  ")),
    ...graph.edges.flatMap((edge) => drawEdge(edge, ids)),
    ...graph.notes.map(
      (note) => `  %% ${line(note, 400).replaceAll("{", "(").replaceAll("}", ")")}`,
    ),
    ...used.map((look) => `  classDef ${look} ${classes[look]}`),
    "",
  ].join("\n");
}

function drawEdge(edge: GraphEdge, ids: ReadonlyMap<string, string>): string[] {
  const [from, to] = [ids.get(edge.from), ids.get(edge.to)];
  if (from === undefined || to === undefined) return [];
  const label = edge.label === undefined ? "" : `|"${text(edge.label)}"|`;
  return [`  ${from} ${arrows[edge.look]}${label} ${to}`];
}

/** Whatever could mean something to Mermaid, to Markdown or to HTML is written as Mermaid's own entity. */
function text(given: string): string {
  return line(given)
    .replace(
      /^[-+.]|[^\p{L}\p{M}\p{N} ./:,()+-]|\.(?=\s|$)/gu,
      (found) => `#${found.codePointAt(0)};`,
    )
    .replaceAll("://", "#58;//");
}
