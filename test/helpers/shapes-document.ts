import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { topologies } from "../../config/types";
import { mermaid, topologyGraph } from "../../graph";
import { isInternal } from "../../plan/sessions";
import type { Plan } from "../../plan/types";
import { configOf, planOf, runnable, type Shape, schemes, shapes } from "./shapes";

const file = join(__dirname, "..", "..", "docs", "topologies.md");
const mark = "<!-- made of the plan -->\n\n";

/** docs/topologies.md: what is written by hand, and what has been made of the plan. */
export function topologyPage(): readonly string[] {
  return readFileSync(file, "utf8").split(mark);
}

/** The part of docs/topologies.md that follows from the plan: the table of shapes, and a picture of each. */
export function topologyDocument(): string {
  return `${[
    "| topology | AS scheme | routers | sessions of 4 nodes | proven by the model | run with real daemons |",
    "|---|---|---|---|---|---|",
    ...shapes.map(row),
    ...schemes.map(
      (asns) => `| \`mesh\` | \`${asns}\` | any kind | refused: ${refusal(asns)} | - | - |`,
    ),
    ...topologies.flatMap((topology) =>
      schemes.flatMap((asns) => picture({ topology, asns, ...kindFor(topology) })),
    ),
  ].join("\n")}\n`;
}

const kindFor = (topology: Shape["topology"]) =>
  topology === "mesh" ? {} : { kind: "gobgp" as const };

function row(shape: Shape): string {
  const { topology, asns, kind } = shape;
  const plan = planOf(shape);
  const head = `| \`${topology}\` | \`${asns}\` | ${kind === undefined ? "none" : `\`${kind}\``} |`;
  if (typeof plan === "string") return `${head} refused: ${reasonOf(plan)} | - | - |`;
  return `${head} ${sessionsOf(plan)} | yes | ${runnable(shape) ? "yes" : "no"} |`;
}

function sessionsOf({ sessions }: Plan): string {
  const all = Object.values(sessions);
  const internal = all.filter(isInternal).length;
  return [
    ...(internal === 0 ? [] : [`${internal} iBGP`]),
    ...(all.length === internal ? [] : [`${all.length - internal} eBGP`]),
  ].join(", ");
}

/** What the configuration says to a mesh with a reflector. */
function refusal(asns: Shape["asns"]): string {
  const { reflectors } = configOf({ topology: "reflectors", asns, kind: "gobgp" });
  try {
    makePlan(parseConfig({ ...configOf({ topology: "mesh", asns }), reflectors }));
  } catch (thrown) {
    return reasonOf(thrown instanceof Error ? thrown.message : "");
  }
  throw new Error(`a mesh with a reflector is planned: ${asns}`);
}

/** Of a message what was found and why, without where and what to do. */
function reasonOf(message: string): string {
  const [, line = ""] = message.split("\n");
  return line.replace(/^[\w.-]+: /, "").replace(/; allowed: .*$/, "");
}

function picture(shape: Shape): string[] {
  const plan = planOf(shape);
  if (typeof plan === "string") return [];
  const { topology, asns } = shape;
  return [
    "",
    `## \`topology: ${topology}\`, \`asns: ${asns}\``,
    "",
    "```mermaid",
    mermaid(topologyGraph(plan)).trimEnd(),
    "```",
  ];
}

// Run as a program it writes that part.
if (require.main === module)
  writeFileSync(file, `${topologyPage()[0]}${mark}${topologyDocument()}`);
