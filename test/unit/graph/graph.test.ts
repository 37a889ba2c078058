import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type GraphFlags, run } from "../../../cli/commands/graph";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { routerTraits } from "../../../components/kinds/traits";
import {
  addressesGraph,
  dot,
  type Graph,
  mermaid,
  type PathEnd,
  pathEnd,
  pathGraph,
  svg,
  topologyGraph,
  withStates,
} from "../../../graph";
import type { Plan } from "../../../plan";
import { formatPrefix, freeIn, prefix } from "../../../util/net";
import { hostileNames, hostilePlan, planOf } from "./fixture";

const lab = makePlan(readStackConfig("Pulumi.lab.yaml"));

function end(plan: Plan, given: string): PathEnd {
  const found = pathEnd(plan, given);
  if (found === undefined) throw new Error(`no end ${given}`);
  return found;
}

const pathOf = (plan: Plan, from: string, to: string) =>
  pathGraph(plan, end(plan, from), end(plan, to), routerTraits);

const linesOf = ({ nodes }: Graph) => nodes.map(({ lines }) => lines.join(" | "));
const edgesOf = ({ edges }: Graph) =>
  edges.map(({ from, to, look, label = "" }) => `${from} ${look} ${to} ${label}`.trim());

test("the topology has every reflector, node and session, nodes by COE", () => {
  const graph = topologyGraph(lab);
  expect(graph.groups.map(({ title }) => title)).toEqual([
    "dcos (dcos), containers 192.168.128.0/17",
    "kubernetes (kubernetes), containers 192.168.0.0/17",
  ]);
  expect(linesOf(graph)).toEqual([
    "reflector | gobgp, 172.16.18.32 | AS 64511",
    "agent-1 | private, 172.16.18.43 | AS 64511",
    "agent-2 | private, 172.16.18.44 | AS 64511",
    "agent-3 | private, 172.16.18.46 | AS 64511",
    "master | master, 172.16.18.42 | no BGP",
    "public-1 | public, 172.16.18.45 | AS 64511",
    "controller | controller, 172.16.18.33 | AS 64511",
    "worker-1 | worker, 172.16.18.34 | AS 64511",
    "worker-2 | worker, 172.16.18.35 | AS 64511",
    "worker-3 | worker, 172.16.18.36 | AS 64511",
  ]);
  expect(graph.edges.flatMap(({ sessions = [] }) => sessions).sort()).toEqual(
    Object.keys(lab.sessions).sort(),
  );
});

test("many nodes are drawn as one for each rack, role and AS, and no session is lost", () => {
  const plan = planOf(60);
  const graph = topologyGraph(plan);
  expect(linesOf(graph)).toEqual([
    "rr | gobgp, 10.1.0.2 | AS 64511",
    "60 nodes, worker | r1-1 to r1-60 | in 10.1.0.0/24 | AS 64511",
    "60 nodes, worker | r2-1 to r2-60 | in 10.2.0.0/24 | AS 64511",
    "one | worker, 10.1.0.250 | AS 64600",
  ]);
  expect(graph.edges.map(({ label }) => label)).toEqual([
    "60 sessions, iBGP",
    "60 sessions, iBGP",
    "eBGP",
  ]);
  expect(graph.edges.flatMap(({ sessions = [] }) => sessions)).toHaveLength(121);
  expect(topologyGraph(plan, 200).nodes).toHaveLength(122);
});

test("one session that is down makes the line of all that are drawn as one so", () => {
  const graph = topologyGraph(planOf(60));
  const states = Object.fromEntries(
    Object.keys(planOf(60).sessions).map((name) => [name, "up" as const]),
  );
  const stateOf = (given: Parameters<typeof withStates>[1]) =>
    withStates(graph, given).edges.map(({ state }) => state);
  expect(stateOf(states)).toEqual(["up", "up", "up"]);
  expect(stateOf({ ...states, "rr/big/r2-7": "down" })).toEqual(["up", "down", "up"]);
  expect(stateOf({})).toEqual(["unknown", "unknown", "unknown"]);
});

test("the address space says what is used, what retires and what is free", () => {
  const graph = addressesGraph(planOf(2));
  expect(linesOf(graph)).toEqual([
    "192.168.0.0/16 | container range | 40960 addresses free (62.5 %)",
    "192.168.0.0/18 | big | 256 x /26",
    "192.168.64.0/20 | big, retiring | 64 x /26",
    "192.168.80.0/20 | free",
    "192.168.96.0/19 | free",
    "192.168.128.0/20 | small | 64 x /26",
    "192.168.144.0/20 | free",
    "192.168.160.0/19 | free",
    "192.168.192.0/18 | free",
    "10.96.0.0/16 | services",
    "big | services, not announced",
    "10.98.0.0/24 | services",
    "small | load balancers, announced",
    "10.1.0.0/24 | node network | 4 used, 250 free",
    "reflectors | 10.1.0.2",
    "nodes of big | 2: 10.1.0.10 to 10.1.0.11",
    "nodes of small | 10.1.0.250",
    "10.2.0.0/24 | node network | 2 used, 252 free",
    "nodes of big | 2: 10.2.0.10 to 10.2.0.11",
  ]);
  const shares = graph.nodes.flatMap(({ share }) => share ?? []);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(1);
});

test.each([
  ["10.0.0.0/24", [], ["10.0.0.0/24"]],
  ["10.0.0.0/24", ["10.0.0.0/16"], []],
  ["10.0.0.0/24", ["10.0.1.0/24"], ["10.0.0.0/24"]],
  ["10.0.0.0/24", ["10.0.0.64/26"], ["10.0.0.0/26", "10.0.0.128/25"]],
  ["2001:db8::/126", ["2001:db8::1/128"], ["2001:db8::/128", "2001:db8::2/127"]],
])("free in %s beside %p: %p", (parent, taken, free) => {
  expect(freeIn(prefix(parent), taken.map(prefix)).map(formatPrefix)).toEqual(free);
});

test("the path of a packet, its answer, and the announcements that make them", () => {
  expect(edgesOf(pathOf(lab, "kubernetes/worker-1", "192.168.130.7"))).toEqual([
    "from packet sender default route",
    "sender packet receiver 192.168.130.0/26 via 172.16.18.43",
    "receiver packet to",
    "receiver answer sender 192.168.0.0/26 via 172.16.18.34",
    "receiver route reflector reflector announces 192.168.130.0/26",
    "reflector reflector route sender",
    "sender route reflector reflector announces 192.168.0.0/26",
    "reflector reflector route receiver",
  ]);
  expect(pathOf(lab, "kubernetes/worker-1", "192.168.130.7").notes).toEqual([
    "The plan does not say on which node of dcos the container is; dcos/agent-1 is shown.",
  ]);
});

test("between node networks a router is passed, and an address of a service leads to its announcer", () => {
  const graph = pathOf(planOf(2), "big/r2-1", "10.98.0.7");
  expect(edgesOf(graph).slice(0, 4)).toEqual([
    "from packet sender default route",
    "sender packet gateway 10.98.0.0/24 via 10.1.0.250",
    "gateway packet receiver",
    "receiver packet to",
  ]);
});

test("a policy that drops the packet is in the picture", () => {
  const { big, small } = planOf(1).coes;
  if (big === undefined || small === undefined) throw new Error("no COEs in the fixture");
  const closed = { ...small, policy: { mode: "closed" as const, from: [] } };
  const graph = pathOf({ ...planOf(1), coes: { big, small: closed } }, "big/r1-1", "small");
  expect(edgesOf(graph)).toContain("receiver dropped to dropped: policy of small");
  expect(graph.notes).toContain("small does not let in containers of big (policy: closed).");
});

test("where no route arrives, the picture says where it ends", () => {
  const plan = planOf(1);
  const sessions = Object.fromEntries(
    Object.entries(plan.sessions).filter(([name]) => name !== "rr/small/one"),
  );
  const graph = pathOf({ ...plan, sessions }, "big/r1-1", "small");
  expect(edgesOf(graph)).toContain("sender dropped receiver no route to 192.168.128.0/26");
  expect(graph.notes).toEqual([
    "big/r1-1 gets no route to 192.168.128.0/26: small/one has no session.",
    "small/one gets no route to 192.168.0.0/26: it ends at the session rr/big/r1-1, where rr has no session with small/one.",
  ]);
});

test("two containers of one node need no route", () => {
  expect(edgesOf(pathOf(lab, "dcos/agent-1", "dcos/agent-1"))).toEqual([
    "from packet sender",
    "sender packet to",
  ]);
});

test.each(["topology", "addresses", "path"])("the text of a picture of %s", (what) => {
  const graph = {
    topology: topologyGraph(planOf(1)),
    addresses: addressesGraph(planOf(1)),
    path: pathOf(planOf(1), "big/r1-1", "small"),
  }[what];
  if (graph === undefined) throw new Error(what);
  const kept = (ending: string) =>
    readFileSync(join(__dirname, "..", "fixtures", "graph", `${what}.${ending}`), "utf8");
  expect(mermaid(graph)).toBe(kept("mmd"));
  expect(dot(graph)).toBe(kept("dot"));
});

test.each([mermaid, dot, svg])("%p gives the same for the same plan in another order", (draw) => {
  const reverse = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).reverse());
  const plan = planOf(2);
  const turned = { ...plan, coes: reverse(plan.coes), reflectors: reverse(plan.reflectors) };
  expect(draw(topologyGraph(turned))).toBe(draw(topologyGraph(plan)));
  expect(draw(addressesGraph(turned))).toBe(draw(addressesGraph(plan)));
});

test.each(hostileNames)("nothing of %p is markup", (name) => {
  const graph = topologyGraph(hostilePlan(name));
  expect(svg(graph)).not.toMatch(/<script|<img|<\/text><\/text>|\]\]>/);
  const lines = mermaid(graph).split("\n");
  // One reflector, one node, one session: a text that was markup would have made more.
  expect(lines.map((one) => one.replace(/"[^"`{}<>]*(<br\/>[^"`{}<>]*)*"/g, '""'))).toEqual([
    "flowchart TB",
    "  accTitle: Routers and sessions",
    '  subgraph g0[""]',
    '    n1[""]:::node',
    "  end",
    '  n0[""]:::reflector',
    '  n0 ---|""| n1',
    "  %% Node networks: 10.1.0.0/24, 10.2.0.0/24",
    expect.stringMatching(/^ {2}classDef node [\w#:,]+$/),
    expect.stringMatching(/^ {2}classDef reflector [\w#:,]+$/),
    "",
  ]);
});

/** Graphviz itself, of which we use nothing but this. */
const graphviz: {
  instance(): Promise<{ renderString(text: string, options: { readonly format: string }): string }>;
} = require("@viz-js/viz");

test("Graphviz draws every text as it is", async () => {
  const viz = await graphviz.instance();
  const characterOf = (_: string, code: string) =>
    ({ quot: '"', amp: "&", lt: "<", gt: ">" })[code] ??
    String.fromCodePoint(Number(code.slice(1)));
  const visible = (text: string) =>
    text.replace(/[\p{Cc}\p{Cs}\p{Zs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "");
  const graphs = [
    addressesGraph(planOf(2)),
    topologyGraph(planOf(70), 1000),
    pathOf(lab, "dcos", "kubernetes"),
    ...hostileNames.map((name) => topologyGraph(hostilePlan(name))),
  ];
  for (const graph of graphs) {
    const drawn = viz.renderString(dot(graph), { format: "svg" });
    const nodes = drawn.matchAll(/<g id="node.*?<\/g>/gs);
    const texts = [...nodes].map(([node]) =>
      [...node.matchAll(/<text[^>]*>([^<]*)<\/text>/g)]
        .map(([, text = ""]) => text.replace(/&([^;]+);/g, characterOf))
        .join(""),
    );
    const wanted = graph.nodes.map(({ lines }) => visible(lines.join("")));
    expect(texts.map(visible).sort()).toEqual(wanted.sort());
  }
});

/** What the command prints. */
async function printed(what: string | undefined, ends: string[], flags: Partial<GraphFlags>) {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await run(what, ends, { stack: "lab", ...flags });
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

test("the command prints the topology as Mermaid unless it is told otherwise", async () => {
  expect(await printed(undefined, [], {})).toBe(mermaid(topologyGraph(lab)));
  expect(await printed("addresses", [], { format: "svg" })).toBe(svg(addressesGraph(lab)));
  expect(await printed("path", ["kubernetes", "dcos"], { format: "dot" })).toBe(
    dot(pathOf(lab, "kubernetes", "dcos")),
  );
  expect(JSON.parse(await printed("topology", [], { json: true }))).toEqual({
    schemaVersion: 1,
    graph: topologyGraph(lab),
  });
});

test.each<[string, string[], Partial<GraphFlags>, string]>([
  ["tree", [], {}, "graph tree: allowed: addresses, path, topology"],
  ["topology", [], { format: "png" }, "--format png: allowed: dot, mermaid, svg"],
  ["topology", ["x"], {}, "graph topology: found x behind it; allowed: nothing more"],
  ["path", ["dcos"], {}, "graph path: found one end or none; allowed: graph path FROM TO"],
  [
    "path",
    ["dcos", "dcos/master"],
    {},
    "graph path: TO: found dcos/master; allowed: a COE (dcos, kubernetes), a node that speaks BGP as <coe>/<node>, or an address of a container or a service",
  ],
])("graph %s %p %p is refused", async (what, ends, flags, message) => {
  await expect(printed(what, ends, flags)).rejects.toMatchObject({ message, code: 2 });
});
