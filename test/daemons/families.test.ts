import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyCalico } from "../../components/dcos/calico-etcd";
import { meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { routerTraits } from "../../components/kinds/traits";
import { bird } from "../../components/reflector/bird";
import { frr } from "../../components/reflector/frr";
import { gobgp } from "../../components/reflector/gobgp";
import { parseRib } from "../../components/reflector/gobgp/tables";
import { askBird as askBoth, parseBirdStatus } from "../../components/speakers/calico/bird";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import { networkOf, settle, topologyOf } from "../../plan/propagation";
import { execOrThrow } from "../../util/exec";
import type { Family } from "../../util/net";
import { parseKernel } from "../../verify/kernel/parse";
import { kernelCommand } from "../../verify/kernel/script";
import { forwardingOf } from "../../verify/kernel/settings";
import { kernelIn } from "../../verify/one-family";
import { askTable } from "../../verify/seen/reflectors";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";
import { CalicoNode, Lan } from "../helpers/bird-lan";
import { Etcd } from "../helpers/etcd";
import { judgeFrr } from "../helpers/frr";
import { untilWithin } from "../helpers/until";

/** Two COEs with two nodes each, all with addresses and blocks of both families. */
const coes = { one: ["a1", "a2"], two: ["b1", "b2"] } as const;
type CoeName = keyof typeof coes;
const coeNames: readonly CoeName[] = ["one", "two"];
const families: readonly Family[] = [4, 6];
const names = coeNames.flatMap((coe) => coes[coe]);
const at = { 4: (n: number) => `172.16.18.${n}`, 6: (n: number) => `2001:db8:18::${n}` };
const addressOf = (name: string, family: Family) => at[family](11 + names.indexOf(name as "a1"));
const ranges = {
  one: ["192.168.0.0/17", "2001:db8:1::/64"],
  two: ["192.168.128.0/17", "2001:db8:2::/64"],
};
const place = (name: string) => Number(name[1]);
const blockOf = (name: string, family: Family) => {
  const first = name.startsWith("a");
  return family === 4
    ? `192.168.${first ? place(name) : 128 + place(name)}.0/26`
    : `2001:db8:${first ? 1 : 2}::${place(name)}00/122`;
};

const plan = makePlan(
  parseConfig({
    network: {
      supernet: ["192.168.0.0/16", "2001:db8::/44"],
      nodes: ["172.16.18.0/24", "2001:db8:18::/64"],
      asn: 64511,
    },
    reflectors: {
      rr1: { kind: "gobgp", address: at[4](1), address6: at[6](1) },
      rr2: { kind: "bird", address: at[4](2), address6: at[6](2) },
      rr3: { kind: "frr", address: at[4](3), address6: at[6](3) },
    },
    coes: Object.fromEntries(
      coeNames.map((coe) => [
        coe,
        {
          kind: "kubernetes",
          podCidr: ranges[coe],
          policy: "open",
          access: { kubeconfig: "/nowhere" },
          nodes: Object.fromEntries(
            coes[coe].map((node) => [
              node,
              { address: addressOf(node, 4), address6: addressOf(node, 6) },
            ]),
          ),
        },
      ]),
    ),
  }),
);

const lan = new Lan();
const stores = { one: new Etcd(), two: new Etcd() };
const nodes = new Map<string, CalicoNode>();
const rr1 = lan.reflector("rr1");
let roots: Roots;

const fileOf = (name: "rr1" | "rr2" | "rr3") => {
  const reflector = plan.reflectors[name];
  if (reflector === undefined) throw new Error(`no ${name} in the plan`);
  return { rr1: gobgp, rr2: bird, rr3: frr }[name].render(plan, reflector);
};

async function startBird(): Promise<void> {
  writeFileSync(join(roots.newer, "w/bird.conf"), fileOf("rr2"));
  const inside = ["nsenter", `--net=/run/netns/${lan.spaceOf("rr2")}`, "chroot", roots.newer];
  const [program = "", ...args] = [
    ...inside,
    ...["/usr/sbin/bird", "-f", "-c", "/w/bird.conf", "-s", "/w/bird.ctl"],
  ];
  const child = spawn(program, args, { stdio: "ignore" });
  ends.push(() => child.kill("SIGKILL"));
}
const ends: (() => void)[] = [];
const askBird = async (args: readonly string[], input = "") =>
  (
    await execOrThrow(["chroot", roots.newer, "/usr/sbin/birdcl", "-s", "/w/bird.ctl", ...args], {
      input,
    })
  ).stdout;

async function apply(coe: CoeName): Promise<void> {
  const objects = calicoYaml(inOrder(calicoObjects(calicoPlan(plan, coe))));
  const etcdEndpoints = [stores[coe].endpoint];
  await applyCalico({ etcdEndpoints, objects }, undefined, { say: () => undefined });
  const mesh = meshIn(new Calicoctl(etcdEndpoints));
  if (await mesh.isOn()) await mesh.end();
}

const until = untilWithin(100_000);

/** Every node's routes in a family: its own block, and others' by their addresses. */
const everything = (family: Family) =>
  Object.fromEntries(
    names.map((to) => [
      to,
      Object.fromEntries(
        names
          .map((from) => [
            blockOf(from, family),
            from === to ? "blackhole" : addressOf(from, family),
          ])
          .sort(),
      ),
    ]),
  );

const kernels = async (family: Family) =>
  Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await lan.routes(name, family)] as const)),
  );

beforeAll(async () => {
  roots = await makeRoots();
  await lan.up({
    rr1: [at[4](1), at[6](1)],
    rr2: [at[4](2), at[6](2)],
    ...Object.fromEntries(
      names.map((name) => [name, families.map((family) => addressOf(name, family))]),
    ),
  });
  for (const coe of coeNames) {
    const etcd = stores[coe];
    await etcd.up();
    await new Calicoctl([etcd.endpoint]).apply(
      coes[coe].map((node) => ({
        apiVersion: "projectcalico.org/v3",
        kind: "Node",
        metadata: { name: node },
        spec: {
          bgp: {
            ipv4Address: `${addressOf(node, 4)}/24`,
            ipv6Address: `${addressOf(node, 6)}/64`,
          },
        },
      })),
    );
    for (const node of coes[coe]) {
      for (const family of families) await stores[coe].confirm(node, blockOf(node, family));
      nodes.set(node, new CalicoNode(lan, node, etcd.endpoint, undefined, true));
    }
    await apply(coe);
  }
  await rr1.write(fileOf("rr1"));
  await rr1.start();
  await startBird();
  await Promise.all([...nodes.values()].map((node) => node.configure()));
}, 120_000);

afterAll(async () => {
  for (const end of ends) end();
  await lan.down();
  for (const store of Object.values(stores)) await store.down();
  removeRoots(roots);
});

test("every kernel has the routes of both families, each with a node's address of its family", async () => {
  for (const family of families)
    await until(`all kernels to have IPv${family}`, () => kernels(family), everything(family));
}, 120_000);

test("GoBGP has a session of each family with each node, and accepts from it what the plan says", async () => {
  const up = async () =>
    Object.values(await gobgp.neighbors(rr1)).filter(({ established }) => established).length;
  await until("GoBGP to have its sessions", up, 8);
  const state = await gobgp.read(rr1);
  const file = gobgp.describe(fileOf("rr1"));
  expect(Object.keys(state.neighbors).sort()).toEqual(
    names.flatMap((name) => families.map((family) => addressOf(name, family))).sort(),
  );
  expect(state.fence).toEqual(file.fence);
  expect(state.fence).toContain(
    "from 2001:db8:18::11/128: 2001:db8:1::/64 122..122 by 2001:db8:18::11, set to LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities",
  );
}, 120_000);

test("BIRD has them, too, and reads back what its file says", async () => {
  const daemon = { ask: askBird };
  const up = async () =>
    Object.values(await bird.neighbors(daemon)).filter(({ established }) => established).length;
  await until("BIRD to have its sessions", up, 8);
  const state = await bird.read(daemon);
  const file = bird.describe(fileOf("rr2"));
  expect(state.fence).toEqual(file.fence);
  const paths = bird.tables.rib.parse(await askBird(bird.tables.rib.args), Date.now() / 1000);
  expect(paths.map(({ prefix, nextHop }) => `${prefix} ${nextHop}`).sort()).toEqual(everyPath());
}, 120_000);

/** Routers in the words of the plan, sorted. */
const everyPath = () =>
  names
    .flatMap((name) =>
      families.map((family) => `${blockOf(name, family)} ${addressOf(name, family)}`),
    )
    .sort();

test("GoBGP's RIB is read in both families, as verify asks for it", async () => {
  const { args, args6 = [], parse } = gobgp.tables.rib;
  const text = `${await rr1.ask(args)}${await rr1.ask(args6)}`;
  expect(
    parse(text, Date.now() / 1000)
      .map(({ prefix, nextHop }) => `${prefix} ${nextHop}`)
      .sort(),
  ).toEqual(everyPath());
});

test("a node's two BIRDs tell their sessions and routes of each family", async () => {
  const node = nodes.get("a1");
  if (node === undefined) throw new Error("no a1");
  const { routerId, sessions } = parseBirdStatus(await node.run(askBoth([4, 6])));
  expect(routerId).toBe(addressOf("a1", 4));
  const up = sessions.filter(({ state }) => state === "Established");
  expect(up.map(({ address }) => address).sort()).toEqual(
    families.flatMap((family) => [at[family](1), at[family](2)]).sort(),
  );
  for (const { address, imported, exported } of up) {
    const family = address.includes(":") ? 6 : 4;
    expect(exported).toEqual([blockOf("a1", family)]);
    const others = names.filter((name) => name !== "a1");
    expect(imported.map(({ prefix, via }) => `${prefix} ${via}`).sort()).toEqual(
      others.map((name) => `${blockOf(name, family)} ${addressOf(name, family)}`).sort(),
    );
  }
});

test("a node's kernel is asked for both families by one program", async () => {
  const argv = kernelCommand([], true);
  const inside = ["ip", "netns", "exec", lan.spaceOf("a1"), ...argv];
  const kernel = parseKernel((await execOrThrow(inside)).stdout);
  for (const family of families) {
    const { routes, rules, settings } = kernelIn(kernel, family);
    const learned = routes.filter(({ protocol }) => protocol === "bird");
    expect(
      Object.fromEntries(
        learned.map(({ prefix, type, hops }) => [prefix, hops[0]?.gateway ?? type]).sort(),
      ),
    ).toEqual(everything(family).a1);
    expect(rules.map(({ action }) => action)).toContainEqual({ lookup: "main" });
    expect(settings[forwardingOf[family]]).toBeDefined();
  }
});

test("the model has every node's block of both families at every other node, by its own next hop", () => {
  const topology = topologyOf(networkOf(plan), routerTraits);
  const id = (name: string) => (name.startsWith("a") ? `one/${name}` : `two/${name}`);
  for (const family of families)
    for (const from of names) {
      const { paths } = settle(topology, blockOf(from, family), [id(from)]);
      for (const to of names.filter((name) => name !== from))
        expect(paths.get(id(to))?.[0]?.nextHop).toBe(addressOf(from, family));
    }
});

test("a foreign block of IPv6 is refused by both, and nobody's routes change", async () => {
  // A free block of the other COE's range, which Calico's filters would pass on.
  const foreign = "2001:db8:2::f00/122";
  await stores.one.confirm("a1", foreign);
  const node = nodes.get("a1");
  await node?.configure();
  const sent = async () => (await node?.ask6("show", "route"))?.includes(foreign);
  await until("a1 to have the foreign block", sent, true);
  const asking = async (args: readonly string[]) =>
    ({ ok: true, asked: args.join(" "), value: await rr1.ask(args) }) as const;
  const counted = async () => {
    const answer = await askTable(gobgp.tables.neighbours, asking, true);
    const found = answer.ok ? answer.value : [];
    return found
      .filter(({ address }) => address === addressOf("a1", 6))
      .map(({ received, accepted }) => [received, accepted]);
  };
  await until("GoBGP to have got it and refused it", counted, [[2, 1]]);
  const rib = parseRib(await rr1.ask(["global", "rib", "-a", "ipv6"]), Date.now() / 1000);
  expect(rib.map(({ prefix, nextHop }) => `${prefix} ${nextHop}`).sort()).toEqual(
    names.map((name) => `${blockOf(name, 6)} ${addressOf(name, 6)}`).sort(),
  );
  const filtered = async () =>
    bird.tables.neighbours
      .parse(await askBird(bird.tables.neighbours.args), Date.now() / 1000)
      .filter(({ address }) => address === addressOf("a1", 6))
      .map(({ received, accepted }) => [received, accepted]);
  await until("BIRD to have got it and refused it", filtered, [[2, 1]]);
  for (const name of names.filter((one) => one !== "a1"))
    expect(await lan.routes(name, 6)).not.toHaveProperty([foreign]);
}, 120_000);

test("FRR's own parser takes its file", async () => {
  expect(await judgeFrr(fileOf("rr3"))).toBeUndefined();
});
