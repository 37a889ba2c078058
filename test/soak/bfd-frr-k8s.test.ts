import { stringify } from "yaml";
import { answer } from "../../components/ask/shell";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { bird } from "../../components/reflector/bird";
import { frrK8s } from "../../components/speakers/frr-k8s";
import { readFrrCluster } from "../../components/speakers/frr-k8s/inspect/read";
import { frrObjects } from "../../components/speakers/frr-k8s/objects";
import { runningOn } from "../../components/speakers/frr-k8s/word";
import { Bird2, until, verdictsOf } from "../helpers/bfd";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";
import { defineFrrK8s, FrrNodes } from "../helpers/frr-nodes";
import { KubeApi } from "../helpers/kube-api";
import { must } from "../helpers/kube-stack";

/*
 * Nodes with FRR-K8s behind a reflector of BIRD: FRR-K8s' own controller and reloader make of the plan's objects what a real FRR
 * watches. The API is real, too.
 */
const names = ["a", "b"] as const;
const address = { rr: "172.16.18.1", a: "172.16.18.11", b: "172.16.18.12" };
const range = { a: "10.244.0.0/24", b: "10.244.1.0/24" };

const planWith = (network: object) =>
  makePlan(
    parseConfig({
      network: { nodes: "172.16.18.0/24", asn: 64511, ...network },
      reflectors: { rr: { kind: "bird", address: address.rr } },
      coes: {
        plain: {
          ...{ kind: "kubernetes", speaker: "frr-k8s", policy: "open", podCidr: "10.244.0.0/16" },
          access: { kubeconfig: "/no" },
          nodes: Object.fromEntries(
            names.map((name) => [name, { address: address[name], podCidr: range[name] }]),
          ),
        },
      },
    }),
  );
const plan = planWith({ bfd: true });
const coe = plan.coes.plain;
const reflector = plan.reflectors.rr;
if (coe === undefined || reflector === undefined) throw new Error("not in the plan");
const objects = frrObjects(plan, "plain");

const api = new KubeApi();
const nodes = new FrrNodes(api);
let roots: Roots;
let rr: Bird2;

async function apply(...all: readonly object[]): Promise<void> {
  const text = all.map((one) => stringify(one)).join("---\n");
  const file = api.file("objects.yaml", text);
  await must(api, "apply", "--server-side", "--force-conflicts", "--filename", file);
}

const beside = async (node: string, argv: readonly string[]) =>
  answer(`${node}: ${argv[0]}`, await nodes.run(node, argv));

async function ownWord(node: string) {
  const said = await frrK8s.read((argv) => beside(node, argv));
  if (!said.ok) throw new Error(said.error);
  return said.value;
}

/** What verify says of the sessions and of the nodes' own ends, in its own words. */
const verdicts = async () =>
  verdictsOf(
    plan,
    { rr: await rr.neighbours() },
    { "plain/a": await ownWord("a"), "plain/b": await ownWord("b") },
  );

const healthy = {
  "session/rr/plain/a": "pass: Established, AS 64511, BFD Up",
  "session/rr/plain/b": "pass: Established, AS 64511, BFD Up",
  "session/rr/unplanned": "pass: 2 neighbours, all planned",
  "speaker/plain/a": "pass: 1 Established, 1 routes taken",
  "speaker/plain/b": "pass: 1 Established, 1 routes taken",
};

beforeAll(async () => {
  roots = await makeRoots();
  await api.up();
  await nodes.up(Object.fromEntries(Object.entries(address).map(([host, one]) => [host, [one]])));
  rr = new Bird2(roots, "rr", nodes.spaceOf("rr"));
  rr.file = bird.render(plan, reflector);
  rr.start();
  await defineFrrK8s(api);
  for (const name of names) {
    const metadata = { name, labels: { "kubernetes.io/hostname": name } };
    await apply({ apiVersion: "v1", kind: "Node", metadata, spec: { podCIDR: range[name] } });
    await nodes.start(name);
  }
  await apply(...objects);
}, 240_000);

afterAll(async () => {
  await rr?.kill();
  await nodes.down();
  await api.down();
  removeRoots(roots);
}, 60_000);

test("both ends watch each other, as verify says, and FRR-K8s has nothing against the objects", async () => {
  await until("BFD at both ends", verdicts, healthy);
  const results = async () =>
    Object.values((await readFrrCluster((args) => api.kubectl(...args))).results);
  const success = { conversion: "success", reload: "success" };
  await until("FRR-K8s to tell of its reloads", results, [success, success]);
  expect(await runningOn(coe, objects, beside)).toEqual([]);
});

test("a node that is gone loses its route at the other node, long before the hold time is over", async () => {
  await nodes.lose("a", true);
  const started = performance.now();
  await until("the other node to lose it", () => nodes.routes("b"), {});
  // The hold time is 90 s, and nobody's link went down.
  expect(performance.now() - started).toBeLessThan(30_000);
  await nodes.lose("a", false);
  await until("all to be well again", verdicts, healthy);
}, 180_000);

test("nodes keep their routes while the reflector's daemon is away", async () => {
  const routes = await nodes.routes("b");
  expect(routes).toEqual({ [range.a]: address.a });
  const seen = new Set<string>();
  let over = false;
  const watching = (async () => {
    while (!over) seen.add(JSON.stringify(await nodes.routes("b")));
  })();
  await rr.kill();
  const watched = async () => {
    const text = await nodes.vtysh("b", "show bfd peers json");
    const all: { status: string }[] = JSON.parse(text);
    return all.map(({ status }) => status);
  };
  await until("the node to notice", watched, ["down"]);
  // What it does by that it does at once: 200 looks take some seconds.
  for (let more = 0; more < 200; more += 1) seen.add(JSON.stringify(await nodes.routes("b")));
  over = true;
  await watching;
  expect([...seen]).toEqual([JSON.stringify(routes)]);
  rr.start();
  await until("all to be well again", verdicts, healthy);
}, 240_000);

const blind = {
  ...healthy,
  "session/rr/plain/a": "fail: Established, BFD Down",
  "speaker/plain/a": `fail: ${address.rr}: ${address.rr} Established, BFD none (should be Up)`,
};

test("a node whose object has no BFD is named at both ends, with its session up", async () => {
  await apply(...frrObjects(planWith({}), "plain").slice(0, 1));
  // FRR 10.3 has it again by a line that FRR-K8s' reload takes back, until the next one.
  const profiles = async () => (await nodes.vtysh("a", "show running-config")).includes("profile");
  await until("the profile to go", profiles, false);
  await nodes.vtysh("a", "configure terminal", "router bgp 64511", `no neighbor ${address.rr} bfd`);
  await until("the fault to be named", verdicts, blind);
  await apply(...objects);
  await until("all to be well again", verdicts, healthy);
}, 240_000);

test("a node whose bfdd is gone is named at both ends, with its session up", async () => {
  await nodes.killBfdd("a");
  await until("the fault to be named", verdicts, blind);
}, 180_000);
