import { line } from "./text";
import type { EdgeLook, Graph, NodeLook } from "./types";

const fills: Readonly<Record<NodeLook, string>> = {
  reflector: "#ede4ff",
  node: "#dbeafe",
  silent: "#f3f4f6",
  several: "#dbeafe",
  network: "#f3f4f6",
  containers: "#dcfce7",
  retiring: "#fef3c7",
  services: "#cffafe",
  free: "#ffffff",
  container: "#dcfce7",
  gateway: "#f3f4f6",
};

const edgeStyles: Readonly<Record<EdgeLook, string>> = {
  ibgp: "dir=none",
  ebgp: "dir=none, style=bold",
  holds: "dir=none",
  packet: "style=bold",
  answer: "",
  dropped: 'color="#b91c1c", arrowhead=tee',
  route: "style=dashed, constraint=false",
};

/** A graph of Graphviz. */
export function dot(graph: Graph): string {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const draw = (node: Graph["nodes"][number], indent: string) => {
    const style = node.look === "free" || node.look === "silent" ? ', style="filled,dashed"' : "";
    return `${indent}${ids.get(node.id)} [label=${quoted(node.lines)}, fillcolor="${fills[node.look]}"${style}];`;
  };
  const known = new Set(graph.groups.map(({ id }) => id));
  return [
    "digraph seamless {",
    `  graph [rankdir=${graph.direction === "down" ? "TB" : "LR"}, label=${quoted([graph.title, ...graph.notes])}, fontname="sans-serif"];`,
    '  node [shape=box, style=filled, fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=10];',
    ...graph.groups.flatMap((group, index) => [
      `  subgraph cluster_${index} {`,
      `    label=${quoted([group.title])};`,
      ...graph.nodes.filter((node) => node.group === group.id).map((node) => draw(node, "    ")),
      "  }",
    ]),
    ...graph.nodes
      .filter(({ group }) => group === undefined || !known.has(group))
      .map((node) => draw(node, "  ")),
    ...graph.edges.flatMap((edge) => {
      const [from, to] = [ids.get(edge.from), ids.get(edge.to)];
      if (from === undefined || to === undefined) return [];
      const label = edge.label === undefined ? [] : [`label=${quoted([edge.label])}`];
      const style = edgeStyles[edge.look] === "" ? [] : [edgeStyles[edge.look]];
      const attributes = [...label, ...style].join(", ");
      return [`  ${from} -> ${to}${attributes === "" ? "" : ` [${attributes}]`};`];
    }),
    "}",
    "",
  ].join("\n");
}

/** A quoted string of DOT. Graphviz reads backslashes and entities of HTML in it. */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((one) =>
    line(one).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("&", "&amp;"),
  );
  return `"${escaped.join("\\n")}"`;
}
