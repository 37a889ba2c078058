import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { makePlan, readStackConfig } from "../../components/kinds/planning";
import { routerTraits } from "../../components/kinds/traits";
import {
  addressesGraph,
  type Graph,
  mermaid,
  pathEnd,
  pathGraph,
  svg,
  topologyGraph,
} from "../../graph";
import { withPage } from "../helpers/browser";
import { hostileNames, hostilePlan, planOf } from "../unit/graph/fixture";

jest.setTimeout(60_000);

const lab = makePlan(readStackConfig("Pulumi.lab.yaml"));

function path(): Graph {
  const [from, to] = [pathEnd(lab, "kubernetes/worker-1"), pathEnd(lab, "dcos")];
  if (from === undefined || to === undefined) throw new Error("no ends in the lab");
  return pathGraph(lab, from, to, routerTraits);
}

const graphs: readonly Graph[] = [
  topologyGraph(lab),
  addressesGraph(lab),
  path(),
  topologyGraph(planOf(70), 1000),
  addressesGraph(planOf(2)),
  ...hostileNames.map((name) => topologyGraph(hostilePlan(name))),
];

/** Runs a script in the page and returns what its `check` says of each text: the error's message, or what it made of it. */
function judged(page: Page, check: string, texts: readonly string[]): Promise<string[]> {
  const body = `Promise.all(${JSON.stringify(texts)}.map(async (text, at) => {
    try { return await (${check})(text, at); } catch (error) { return "refused: " + error.message; }
  }))`;
  return page.evaluate(body);
}

/** The texts of a picture, as somebody sees them who reads it; without what no format can write. */
const shown = ({ nodes }: Graph) => nodes.map(({ lines }) => visible(lines.join("")));
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "");
}

test("Mermaid draws every text as it is, and runs nothing", async () => {
  await withPage(async (page) => {
    const script = join(dirname(require.resolve("@mermaid-js/tiny/package.json")), "dist");
    await page.addScriptTag({ path: join(script, "mermaid.tiny.js") });
    await page.evaluate(
      "mermaid.initialize({ startOnLoad: false, maxEdges: 1000, maxTextSize: 200000 })",
    );
    const drawn = await judged(
      page,
      `async (text, at) => {
        if (!(await mermaid.parse(text))) return "refused";
        const { svg } = await mermaid.render("g" + at, text);
        const made = new DOMParser().parseFromString(svg, "text/html");
        const scripts = made.querySelectorAll("script, img, a, [onerror]").length;
        return JSON.stringify([scripts, [...made.querySelectorAll(".node .nodeLabel")].map((one) => one.textContent)]);
      }`,
      graphs.map(mermaid),
    );
    const seen = drawn.map((text): [number, string[]] => JSON.parse(text));
    expect(seen.map(([scripts]) => scripts)).toEqual(graphs.map(() => 0));
    for (const [at, [, texts]] of seen.entries())
      expect(texts.map(visible).sort()).toEqual(shown(graphs[at] ?? path()).sort());
  });
});

test("a browser reads every SVG, and no text is outside of its box", async () => {
  await withPage(async (page) => {
    const drawn = await judged(
      page,
      `(text) => {
        const made = new DOMParser().parseFromString(text, "image/svg+xml");
        const fault = made.querySelector("parsererror");
        if (fault !== null) return "refused: " + fault.textContent;
        document.body.replaceChildren(document.importNode(made.documentElement, true));
        const nodes = [...document.querySelectorAll("g")].filter((one) => one.querySelector(":scope > .box"));
        const outside = nodes.flatMap((one) => {
          const box = one.querySelector(".box").getBBox();
          return [...one.querySelectorAll("text")].flatMap((line) => {
            const at = line.getBBox();
            return at.x < box.x || at.x + at.width > box.x + box.width + 1 ? [line.textContent] : [];
          });
        });
        const active = document.querySelectorAll("script, foreignObject, image, a").length;
        return JSON.stringify([active, outside, nodes.map((one) => [...one.querySelectorAll("text")].map((line) => line.textContent).join(""))]);
      }`,
      graphs.map((graph) => svg(graph)),
    );
    for (const [at, text] of drawn.entries()) {
      const [active, outside, texts]: [number, string[], string[]] = JSON.parse(text);
      expect({ active, outside }).toEqual({ active: 0, outside: [] });
      expect(texts.map(visible).sort()).toEqual(shown(graphs[at] ?? path()).sort());
    }
  });
});
