import { applyCalico } from "../../components/dcos/calico-etcd";
import { meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { applyCalicoNodeAs, removeCalicoNodeAs } from "../../components/dcos/node-as";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { routerTraits } from "../../components/kinds/traits";
import { gobgpConfig } from "../../components/reflector/gobgp/config";
import { parseRib } from "../../components/reflector/gobgp/tables";
import { renderGobgp } from "../../components/reflector/gobgp/toml";
import { reload } from "../../components/reflector/reload";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import type { Plan } from "../../plan";
import { deadEnds, networkOf, settle, topologyOf } from "../../plan/propagation";
import { waitFor } from "../../util/wait";
import { CalicoNode, Lan } from "../helpers/bird-lan";
import { Etcd } from "../helpers/etcd";
import { unreplaced } from "../helpers/sessions";

/** AS per rack in one COE; the other has two nodes in one of these ASs, and one in an AS beyond 31 bits. */
const coes = {
  one: { a1: undefined, a2: undefined, b1: 64601, b2: 64601, c1: 64602 },
  two: { d1: 64601, d2: 64601, e1: 4200000001 },
};
const names = Object.values(coes).flatMap((nodes) => Object.keys(nodes));
const addressOf = (name: string) => `172.16.18.${11 + names.indexOf(name)}`;
const podCidrs = { one: "192.168.0.0/17", two: "192.168.128.0/17" };
const blockOf = (name: string) =>
  name in coes.one
    ? `192.168.${names.indexOf(name)}.0/26`
    : `192.168.${128 + names.indexOf(name)}.0/26`;

const lan = new Lan();
const stores = { one: new Etcd(), two: new Etcd() };
const said: string[] = [];
const options = { say: (message: string) => said.push(message), timeoutMs: 20_000 };
const nodes = new Map<string, CalicoNode>();
const reflectors = { rr1: lan.reflector("rr1"), rr2: lan.reflector("rr2") };
const reflectorAddress = { rr1: "172.16.18.1", rr2: "172.16.18.2" };

/** @param asns of the reflectors, by name */
function planOf(asns: Readonly<Record<string, number>>): Plan {
  const coe = (name: keyof typeof coes) => ({
    kind: "dcos",
    podCidr: podCidrs[name],
    policy: "open",
    access: { url: "http://127.0.0.1:1", etcd: [stores[name].endpoint] },
    nodes: Object.fromEntries(
      Object.entries(coes[name]).map(([node, asn]) => [
        node,
        { address: addressOf(node), ...(asn === undefined ? {} : { asn }) },
      ]),
    ),
  });
  return makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: Object.fromEntries(
        Object.entries(asns).map(([name, asn]) => [
          name,
          { kind: "gobgp", address: name === "rr1" ? "172.16.18.1" : "172.16.18.2", asn },
        ]),
      ),
      coes: { one: coe("one"), two: coe("two") },
    }),
  );
}

const fileOf = (plan: Plan, name: string) => {
  const reflector = plan.reflectors[name];
  if (reflector === undefined) throw new Error(`no ${name} in the plan`);
  return renderGobgp(gobgpConfig(plan, reflector));
};

/** Brings everything to a plan: the reflectors by their files, the nodes by Calico's datastore. */
async function apply(plan: Plan): Promise<void> {
  for (const [name, reflector] of Object.entries(reflectors)) {
    if (plan.reflectors[name] === undefined) continue;
    const file = fileOf(plan, name);
    if ((await reflector.read()) !== undefined) {
      await reload(reflector, file, options);
      continue;
    }
    await reflector.write(file);
    await reflector.start();
  }
  for (const name of ["one", "two"] as const) {
    const calico = calicoPlan(plan, name);
    const etcdEndpoints = [stores[name].endpoint];
    const wanted = { etcdEndpoints, asn: calico.asn, nodes: { ...calico.nodes } };
    await applyCalicoNodeAs(wanted, {}, options);
    const objects = calicoYaml(inOrder(calicoObjects(calico)));
    await applyCalico({ etcdEndpoints, objects }, undefined, options);
    // With sessions among themselves nodes would pass each other's blocks on to the reflectors.
    const mesh = meshIn(new Calicoctl(etcdEndpoints));
    if (await mesh.isOn()) await mesh.end();
  }
  await Promise.all([...nodes.values()].map((node) => node.configure()));
}

/** Every node's routes: its own block, and others' by their addresses. */
const everything = (without: (to: string, from: string) => boolean = () => false) =>
  Object.fromEntries(
    names.map((to) => [
      to,
      Object.fromEntries(
        names
          .filter((from) => from === to || !without(to, from))
          .map((from) => [blockOf(from), from === to ? "blackhole" : addressOf(from)])
          .sort(),
      ),
    ]),
  );

async function kernels(expected: ReturnType<typeof everything>): Promise<void> {
  const what = "every kernel to have its routes";
  await waitFor({ what, timeoutMs: 120_000, intervalMs: 300 }, async () => {
    const found = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await lan.routes(name)] as const)),
    );
    const wrong = names.filter(
      (name) => JSON.stringify(found[name]) !== JSON.stringify(expected[name]),
    );
    return wrong.length === 0
      ? { done: true, value: undefined }
      : {
          done: false,
          seen: wrong.map((name) => `${name} ${JSON.stringify(found[name])}`).join("; "),
        };
  });
}

/** What the model says, as {@link CalicoNode.paths} has it. */
function modelled(plan: Plan, to: string): Record<string, string> {
  const id = (name: string) => (name in coes.one ? `one/${name}` : `two/${name}`);
  const topology = topologyOf(networkOf(plan), routerTraits);
  return Object.fromEntries(
    names
      .filter((from) => from !== to)
      .flatMap((from) =>
        (settle(topology, blockOf(from), [id(from)]).paths.get(id(to)) ?? []).map(
          ({ learned, asPath }) => [`${blockOf(from)} ${learned?.address}`, asPath.join(" ")],
        ),
      ),
  );
}

async function asModelled(plan: Plan): Promise<void> {
  for (const name of names) {
    const what = `BIRD of ${name} to have the paths of the model`;
    // After a reflector was killed, BIRD waits up to 30 s (Calico's `error wait time`) before it calls again.
    await waitFor({ what, timeoutMs: 100_000, intervalMs: 300 }, async () => {
      const [found, expected] = [await nodes.get(name)?.paths(), modelled(plan, name)];
      const sorted = (paths: Record<string, string> = {}) =>
        Object.entries(paths)
          .map(([key, path]) => `${key}: ${path}`)
          .sort()
          .join("; ");
      return sorted(found) === sorted(expected)
        ? { done: true, value: undefined }
        : { done: false, seen: `${sorted(found)} instead of ${sorted(expected)}` };
    });
  }
}

/** A reflector has every block once, from its node: what nodes pass on of each other is refused. */
async function ribs(...asked: (keyof typeof reflectors)[]): Promise<void> {
  for (const name of asked) {
    const paths = parseRib(await reflectors[name].ask(["global", "rib"]), 0);
    expect(paths.map(({ prefix, nextHop }) => `${prefix} ${nextHop}`).sort()).toEqual(
      names.map((node) => `${blockOf(node)} ${addressOf(node)}`).sort(),
    );
  }
}

beforeAll(async () => {
  await lan.up({
    ...reflectorAddress,
    ...Object.fromEntries(names.map((name) => [name, addressOf(name)])),
  });
  for (const name of ["one", "two"] as const) {
    const etcd = stores[name];
    await etcd.up();
    const calicoctl = new Calicoctl([etcd.endpoint]);
    // What calico-node makes of itself and of its blocks.
    await calicoctl.apply(
      Object.keys(coes[name]).map((node) => ({
        apiVersion: "projectcalico.org/v3",
        kind: "Node",
        metadata: { name: node },
        spec: { bgp: { ipv4Address: `${addressOf(node)}/24` } },
      })),
    );
    for (const node of Object.keys(coes[name])) {
      await etcd.confirm(node, blockOf(node));
      nodes.set(node, new CalicoNode(lan, node, etcd.endpoint));
    }
  }
}, 300_000);

afterAll(async () => {
  await lan.down();
  for (const store of Object.values(stores)) await store.down();
});

test("nodes of one AS, of several, and of the reflector's all get each other's routes", async () => {
  const plan = planOf({ rr1: 64511 });
  await apply(plan);
  await kernels(everything());
  await ribs("rr1");
  await asModelled(plan);
}, 300_000);

test("two reflectors in two ASs pass on what nodes originate, and not what these pass on", async () => {
  const plan = planOf({ rr1: 64511, rr2: 64602 });
  await apply(plan);
  await kernels(everything());
  await asModelled(plan);
  await ribs("rr1", "rr2");
}, 300_000);

test("two reflectors in one AS", async () => {
  const plan = planOf({ rr1: 64511, rr2: 64511 });
  await apply(plan);
  await kernels(everything());
  await asModelled(plan);
  await ribs("rr1", "rr2");
}, 300_000);

test("without the replaced AS, exactly those pairs are cut off that the model names", async () => {
  const plan = planOf({ rr1: 64511, rr2: 64511 });
  const sessions = Object.fromEntries(
    Object.entries(plan.sessions).map(([name, session]) => [name, unreplaced(session)]),
  );
  const cut = { ...plan, sessions };
  expect(deadEnds(cut, routerTraits).map(({ from, to }) => `${from} ${to}`)).toEqual([
    "one/b1 one/b2",
  ]);
  for (const [name, reflector] of Object.entries(reflectors)) {
    await reflector.write(fileOf(cut, name));
    await reflector.restart();
  }
  const foreign = ["b1", "b2", "d1", "d2"];
  await kernels(everything((to, from) => foreign.includes(to) && foreign.includes(from)));
  await asModelled(cut);
}, 240_000);

test("a node's AS is given back as it was", async () => {
  const calicoctl = new Calicoctl([stores.one.endpoint]);
  const { asn, nodes: wanted } = calicoPlan(planOf({ rr1: 64511 }), "one");
  const input = { etcdEndpoints: [stores.one.endpoint], asn, nodes: { ...wanted } };
  const asOf = async (name: string) => (await calicoctl.get(`Node/${name}`))?.spec?.bgp;
  expect(await asOf("b1")).toMatchObject({ asNumber: 64601 });
  await removeCalicoNodeAs(input, { b1: { set: 64601 } }, options);
  expect(await asOf("b1")).toEqual({ ipv4Address: `${addressOf("b1")}/24` });
  const given = await applyCalicoNodeAs(input, {}, options);
  expect(given).toEqual({ b1: { set: 64601 } });
  await calicoctl.patch("Node/b1", { spec: { bgp: { asNumber: 64999 } } });
  const again = await applyCalicoNodeAs(input, {}, options);
  expect(again).toEqual({ b1: { set: 64601, before: "64999" } });
  await removeCalicoNodeAs(input, again, options);
  expect(await asOf("b1")).toMatchObject({ asNumber: 64999 });
});
