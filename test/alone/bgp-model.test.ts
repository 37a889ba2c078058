import { makePlan, parseConfig } from "../../components/kinds/planning";
import { gobgpConfig } from "../../components/reflector/gobgp/config";
import { renderGobgp } from "../../components/reflector/gobgp/toml";
import type { Plan } from "../../plan";
import { type Network, networkOf } from "../../plan/propagation";
import { disagreements } from "../helpers/bgp/fixtures";
import { type Case, judge, judgeable, type Verdict, wrongOf } from "../helpers/bgp/judge";
import { laneSegments } from "../helpers/bgp/lane";

/** Other networks than test/soak has, unless a seed is given. */
const first = Number(process.env.SEAMLESS_BGP_SEED ?? 10_001);
const count = Number(process.env.SEAMLESS_BGP_COUNT ?? 25);

/** @param asns of the reflectors, by name; nodes are in several ASs */
function planOf(asns: Readonly<Record<string, number>>): Plan {
  const coe = (kind: string, podCidr: string, access: object, nodes: Record<string, object>) => ({
    kind,
    podCidr,
    policy: "open",
    access,
    nodes,
  });
  return makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: laneSegments.east ?? "", asn: 64511 },
      reflectors: Object.fromEntries(
        Object.entries(asns).map(([name, asn], index) => [
          name,
          { kind: "gobgp", address: `10.1.1.${11 + index}`, asn },
        ]),
      ),
      coes: {
        one: coe(
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
  const network: Network = JSON.parse(
    JSON.stringify({
      segments: laneSegments,
      routers: Object.fromEntries(onLane),
      sessions: Object.fromEntries(
        Object.entries(sessions).map(([name, { a, b }]) => [
          name,
          { a, b: { ...b, router: b.router.replace("/", ".") } },
        ]),
      ),
      originations: nodes.flatMap(({ id, speaker }, index) => {
        const third = id.startsWith("one/") ? index : 128 + index;
        return speaker ? [{ router: id.replace("/", "."), prefix: `192.168.${third}.64/26` }] : [];
      }),
    }),
  );
  const files = Object.fromEntries(
    Object.values(plan.reflectors).map((one) => [one.name, renderGobgp(gobgpConfig(plan, one))]),
  );
  return { network, files };
}

let verdicts: readonly Verdict[] = [];
const named = (prefix: string) => verdicts.filter(({ name }) => name.startsWith(prefix));

beforeAll(async () => {
  const replayed = disagreements().flatMap(({ name, network, tables }): [string, Case][] =>
    tables === undefined ? [] : [[`replayed ${name}`, { network }]],
  );
  const own: [string, Case][] = [
    ["own one reflector", ownShape(planOf({ rr1: 64511 }))],
    ["own two reflectors", ownShape(planOf({ rr1: 64511, rr2: 64511 }))],
    ["own two reflectors in two ASs", ownShape(planOf({ rr1: 64511, rr2: 64512 }))],
  ];
  verdicts = await judge(new Map([...judgeable(first, count), ...replayed, ...own]), 6);
}, 600_000);

test("routers of random networks have the tables that the model says", () => {
  expect(named("seed")).toHaveLength(count);
  expect(wrongOf(named("seed"))).toEqual([]);
});

test("where model and daemons once disagreed, they agree", () => {
  expect(named("replayed").length).toBeGreaterThan(3);
  expect(wrongOf(named("replayed"))).toEqual([]);
});

test("reflectors as the product configures them, and their nodes, have the tables that the model says", () => {
  expect(named("own").map(({ differences }) => differences)).toEqual([[], [], []]);
  for (const { network } of named("own"))
    expect(Object.keys(network.routers).length).toBeGreaterThan(6);
});
