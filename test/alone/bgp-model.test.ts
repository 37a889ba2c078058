import { makePlan, parseConfig } from "../../components/kinds/planning";
import { routerKind } from "../../components/reflector/kinds";
import { renderBirdNode } from "../../components/speakers/bird/conf";
import { renderFrrNode } from "../../components/speakers/frr/conf";
import { frrNode } from "../../components/speakers/frr/node";
import { speakerNode } from "../../components/speakers/node";
import type { NodePlan, Plan } from "../../plan";
import { nodeRanges } from "../../plan/blocks";
import { type Network, networkOf } from "../../plan/propagation";
import type { SessionSide } from "../../plan/propagation/network";
import { disagreements } from "../helpers/bgp/fixtures";
import { type Case, judge, judgeable, type Verdict, wrongOf } from "../helpers/bgp/judge";
import { laneSegments } from "../helpers/bgp/lane";

/** Other networks than test/soak has, unless a seed is given. */
const first = Number(process.env.SEAMLESS_BGP_SEED ?? 10_001);
const count = Number(process.env.SEAMLESS_BGP_COUNT ?? 25);

interface Reflector {
  readonly kind: string;
  /** Default: 64511. */
  readonly asn?: number;
  /** Default: its address. */
  readonly clusterId?: string;
}

type HostSpeaker = "bird" | "frr";
/** By COE, where all nodes are plain hosts. */
type Speakers = Readonly<Record<"one" | "two", HostSpeaker>>;
const both = (speaker: HostSpeaker): Speakers => ({ one: speaker, two: speaker });

/** The nodes have the addresses between. */
function ofLane(reflectors: Readonly<Record<string, Reflector>>) {
  return Object.fromEntries(
    Object.entries(reflectors).map(([name, one], index) => [
      name,
      { ...one, address: `10.1.1.${index < 2 ? 11 + index : 17 + index}` },
    ]),
  );
}

/**
 * @param reflectors by name; nodes are in several ASs. None: a mesh
 * @param speakers those of plain hosts, where all nodes are such
 */
function planOf(reflectors: Readonly<Record<string, Reflector>>, speakers?: Speakers): Plan {
  const coe = (
    name: keyof Speakers,
    kind: string,
    podCidr: string,
    access: object,
    nodes: Record<string, object>,
  ) => {
    const third = podCidr.split(".")[2];
    const ranged = Object.entries(nodes).map(([name, node], index) => [
      name,
      { ...node, podCidr: `192.168.${Number(third) + index}.0/24` },
    ]);
    return speakers !== undefined
      ? {
          ...{
            kind: "hosts",
            speaker: speakers[name],
            podCidr,
            policy: "open",
            access: { ssh: {} },
          },
          nodes: Object.fromEntries(ranged),
        }
      : { kind, podCidr, policy: "open", access, nodes };
  };
  return makePlan(
    parseConfig({
      network: {
        ...{ supernet: "192.168.0.0/16", nodes: laneSegments.east ?? "", asn: 64511 },
        ...(Object.keys(reflectors).length === 0 ? { topology: "mesh" } : {}),
      },
      ...(Object.keys(reflectors).length === 0 ? {} : { reflectors: ofLane(reflectors) }),
      coes: {
        one: coe(
          "one",
          "kubernetes",
          "192.168.0.0/17",
          { kubeconfig: "~/.kube/config" },
          {
            a: { address: "10.1.1.13" },
            b: { address: "10.1.1.14" },
            c: { address: "10.1.1.15", asn: 64600 },
          },
        ),
        two: coe(
          "two",
          "dcos",
          "192.168.128.0/17",
          { url: "http://10.1.1.9", etcd: ["http://10.1.1.9:2379"] },
          {
            d: { address: "10.1.1.16", asn: 64600 },
            e: { address: "10.1.1.17", asn: 4_200_000_001 },
            f: { address: "10.1.1.18", asn: 64512 },
          },
        ),
      },
    }),
  );
}

/** The product's own shape: its reflectors' files as it writes them, and nodes that are configured like Calico's. */
function ownShape(plan: Plan): Case {
  const { routers, sessions } = networkOf(plan);
  const onLane = Object.entries(routers).map(([id, { gateway: _, ...router }]) => [
    id.replace("/", "."),
    {
      ...router,
      kind: plan.reflectors[id] === undefined ? "calico" : router.kind,
      links: router.links.map(({ address }) => ({ segment: "east", address })),
    },
  ]);
  const nodes = Object.values(plan.coes).flatMap((coe) => Object.values(coe.nodes));
  const dotted = (side: SessionSide) => ({ ...side, router: side.router.replace("/", ".") });
  const network: Network = JSON.parse(
    JSON.stringify({
      segments: laneSegments,
      routers: Object.fromEntries(onLane),
      sessions: Object.fromEntries(
        Object.entries(sessions).map(([name, { a, b }]) => [name, { a: dotted(a), b: dotted(b) }]),
      ),
      originations: nodes.flatMap(({ id, speaker }, index) => {
        const third = id.startsWith("one/") ? index : 128 + index;
        return speaker ? [{ router: id.replace("/", "."), prefix: `192.168.${third}.64/26` }] : [];
      }),
    }),
  );
  const files = Object.fromEntries(
    Object.values(plan.reflectors).map((one) => [one.name, routerKind(one.kind).render(plan, one)]),
  );
  return { network, files };
}

const [gobgp, bird, frr] = [{ kind: "gobgp" }, { kind: "bird" }, { kind: "frr" }];
const [other, cluster] = [{ asn: 64512 }, { clusterId: "10.1.1.250" }];

/** The reflectors of the product's own shapes, by what they are for. */
const shapes: readonly (readonly [string, Readonly<Record<string, Reflector>>])[] = [
  ["one reflector", { rr1: gobgp }],
  ["one reflector of kind bird", { rr1: bird }],
  ["one reflector of kind frr", { rr1: frr }],
  ["two reflectors", { rr1: gobgp, rr2: gobgp }],
  ["two reflectors in two ASs", { rr1: gobgp, rr2: { ...gobgp, ...other } }],
  ["two of kind frr in two ASs", { rr1: frr, rr2: { ...frr, ...other } }],
  ["three kinds", { rr1: gobgp, rr2: bird, rr3: frr }],
  [
    "three kinds with one cluster-id",
    {
      rr1: { ...gobgp, ...cluster },
      rr2: { ...bird, ...cluster },
      rr3: { ...frr, ...cluster },
    },
  ],
];

/** The same with plain hosts, whose BIRD or FRR has the product's own file, too. */
function hostsShape(reflectors: Readonly<Record<string, Reflector>>, speakers: Speakers): Case {
  const plan = planOf(reflectors, speakers);
  const { network, files } = ownShape(plan);
  const nodes = Object.values(plan.coes).flatMap((coe) => Object.values(coe.nodes));
  const speakerOf = (id: string) => (id.startsWith("one") ? speakers.one : speakers.two);
  const routers = Object.fromEntries(
    Object.entries(network.routers).map(([id, router]) => [
      id,
      router.kind === "calico" ? { ...router, kind: `${speakerOf(id)}-node` } : router,
    ]),
  );
  const fileOf = {
    // Nobody removes the routes here when a network makes room for the next.
    bird: (node: NodePlan) => renderBirdNode(speakerNode(plan, node)).replace("  persist;\n", ""),
    frr: (node: NodePlan) => renderFrrNode(frrNode(plan, node)),
  };
  return {
    network: {
      ...network,
      routers,
      originations: nodes.flatMap((node) =>
        nodeRanges(node).map((prefix) => ({ router: node.id.replace("/", "."), prefix })),
      ),
    },
    files: {
      ...files,
      ...Object.fromEntries(
        nodes.map((node) => [node.id.replace("/", "."), fileOf[speakerOf(node.id)](node)]),
      ),
    },
  };
}

/** Random networks in which BIRD 2 is on nodes in place of Calico. */
function withBirdNodes(cases: ReadonlyMap<string, Case>): [string, Case][] {
  return [...cases].flatMap(([name, { network }]): [string, Case][] => {
    const routers = Object.entries(network.routers);
    const nodes = routers.filter(([, { kind }]) => kind === "calico");
    if (nodes.length === 0) return [];
    const changed = Object.fromEntries(
      routers.map(([id, one]) => [id, one.kind === "calico" ? { ...one, kind: "bird-node" } : one]),
    );
    return [[`nodes ${name}`, { network: { ...network, routers: changed } }]];
  });
}

let verdicts: readonly Verdict[] = [];
const named = (prefix: string) => verdicts.filter(({ name }) => name.startsWith(prefix));

beforeAll(async () => {
  const replayed = disagreements().flatMap(({ name, network, tables }): [string, Case][] =>
    tables === undefined ? [] : [[`replayed ${name}`, { network }]],
  );
  const own: [string, Case][] = [
    ...shapes.map(([name, reflectors]): [string, Case] => [
      `own ${name}`,
      ownShape(planOf(reflectors)),
    ]),
  ];
  const hosts = shapes.flatMap(([name, reflectors]): [string, Case][] => [
    [`hosts ${name}`, hostsShape(reflectors, both("bird"))],
    [`frr hosts ${name}`, hostsShape(reflectors, both("frr"))],
  ]);
  const random = judgeable(first, count);
  const mesh: [string, Case] = ["mesh of hosts", hostsShape({}, { one: "bird", two: "frr" })];
  const cases = [...random, ...replayed, ...own, ...hosts, mesh, ...withBirdNodes(random)];
  verdicts = await judge(new Map(cases), 6);
}, 600_000);

test("routers of random networks have the tables that the model says", () => {
  expect(named("seed")).toHaveLength(count);
  expect(wrongOf(named("seed"))).toEqual([]);
});

test("BIRD 2 on nodes has the tables that the model says", () => {
  const judged = named("nodes").filter(({ differences }) => differences !== undefined);
  expect(judged.length).toBeGreaterThan(count / 4);
  expect(wrongOf(judged)).toEqual([]);
});

test("plain hosts with the product's own file have the tables that the model says", () => {
  expect(wrongOf(named("hosts"))).toEqual([]);
  expect(named("hosts")).toHaveLength(shapes.length);
});

test("plain hosts with the product's own file for FRR have the tables that the model says", () => {
  expect(wrongOf(named("frr hosts"))).toEqual([]);
  const judged = named("frr hosts").filter(({ differences }) => differences !== undefined);
  expect(judged).toHaveLength(shapes.length);
});

test("a mesh of hosts with BIRD and FRR has the tables that the model says", () => {
  const [{ differences } = {}] = named("mesh of hosts");
  expect(differences).toEqual([]);
});

test("where model and daemons once disagreed, they agree", () => {
  expect(named("replayed").length).toBeGreaterThan(3);
  expect(wrongOf(named("replayed"))).toEqual([]);
});

test("reflectors as the product configures them, and their nodes, have the tables that the model says", () => {
  expect(wrongOf(named("own"))).toEqual([]);
  expect(named("own")).toHaveLength(shapes.length);
  for (const { network } of named("own"))
    expect(Object.keys(network.routers).length).toBeGreaterThan(6);
});
