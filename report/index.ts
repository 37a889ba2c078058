import { createHash } from "node:crypto";
import {
  addressesGraph,
  type Graph,
  pathEnd,
  pathGraph,
  svg,
  topologyGraph,
  withStates,
} from "../graph";
import type { Traits } from "../plan/propagation";
import type { Plan } from "../plan/types";
import type { CheckResult, Observation } from "../verify/types";
import { checksSection, countOf, counts } from "./checks";
import { Html, html } from "./html";
import { liveSection, sessionStates } from "./live";
import { planSection } from "./plan";
import { reportStyle } from "./style";

export interface ReportInput {
  readonly stack: string;
  readonly plan: Plan;
  readonly results: readonly CheckResult[];
  readonly seen: Observation;
  /** When that was. */
  readonly at: Date;
  /** By kind of COE or of reflector, how its routers speak BGP. */
  readonly traits: Traits;
}

/** Pictures of paths, of which there is one for each pair of COEs. */
const mostPaths = 6;

/** One page with all of it: no script, and nothing that is fetched. */
export function reportPage(input: ReportInput): string {
  const { stack, plan, results, seen, at } = input;
  const sections: readonly (readonly [string, string, readonly Html[]])[] = [
    ["checks", "Checks", checksSection(results)],
    [
      "topology",
      "Topology",
      [figure(withStates(topologyGraph(plan), sessionStates(plan, seen)), "topology")],
    ],
    ["addresses", "Address space", [figure(addressesGraph(plan), "addresses")]],
    ["paths", "Paths of packets", pathFigures(plan, input.traits)],
    ["plan", "Plan", planSection(plan)],
    ["live", "Live state", liveSection(seen)],
  ];
  const title = `Seamless: ${stack}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}: ${verdict(results)}</title>
<style>${new Html(reportStyle)}</style>
</head>
<body>
<a class="skip-link" href="#checks">Skip to the checks</a>
<header>
<h1>${title}</h1>
<p><strong>${verdict(results)}</strong> <span class="quiet">Asked at <time datetime="${at.toISOString()}">${at.toISOString()}</time></span></p>
${counts(results)}
<nav aria-label="Sections"><ul>${sections.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(
  ([
    id,
    name,
    inner,
  ]) => html`<section aria-labelledby="${id}"><h2 id="${id}" tabindex="-1">${name}</h2>
${inner}
</section>`,
)}
</main>
</body>
</html>
`;
  return page.text;
}

/** Nothing is loaded, nothing runs, and no style but ours is taken. */
const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(reportStyle).digest("base64")}'; base-uri 'none'; form-action 'none'`;

function verdict(results: readonly CheckResult[]): string {
  const [failed, unknown] = [countOf(results, "fail"), countOf(results, "unknown")];
  if (failed > 0) return `${failed} of ${results.length} checks failed.`;
  if (unknown > 0) return `${unknown} of ${results.length} checks could not be asked.`;
  return results.length === 1
    ? "The only check passed or was skipped."
    : `All ${results.length} checks passed or were skipped.`;
}

function figure(graph: Graph, prefix: string, caption: Html = html``): Html {
  return html`<figure>${new Html(svg(graph, { prefix, style: false }))}${caption}</figure>`;
}

function pathFigures(plan: Plan, traits: Traits): Html[] {
  const names = Object.keys(plan.coes).sort();
  const pairs = names.flatMap((from, at) => names.slice(at + 1).map((to) => [from, to] as const));
  const figures = pairs.slice(0, mostPaths).flatMap(([from, to], at) => {
    const [start, end] = [pathEnd(plan, from), pathEnd(plan, to)];
    if (start === undefined || end === undefined) return [];
    const graph = pathGraph(plan, start, end, traits);
    return [figure(graph, `path-${at}`, html`<figcaption>${graph.title}</figcaption>`)];
  });
  const left = pairs.length - Math.min(pairs.length, mostPaths);
  return left === 0
    ? figures
    : [
        ...figures,
        html`<p>${left} more pairs of COEs are not drawn: seamless graph path FROM TO.</p>`,
      ];
}
