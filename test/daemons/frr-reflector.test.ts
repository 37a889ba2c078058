import { bird } from "../../components/reflector/bird";
import { narrowReflector, widenReflector } from "../../components/reflector/change";
import { containerDaemon, seedVolume } from "../../components/reflector/container";
import type { RouterDaemon } from "../../components/reflector/contract";
import { frr } from "../../components/reflector/frr";
import { gobgp } from "../../components/reflector/gobgp";
import { reload } from "../../components/reflector/reload";
import { Docker } from "../../util/docker";
import { askTable } from "../../verify/seen/reflectors";
import { runConfined } from "../helpers/confined";
import { TestDocker } from "../helpers/dockerd";
import { judgeFrr } from "../helpers/frr";
import {
  birdNodeRoutes,
  first,
  fourth,
  gobgpNodes,
  handWritten,
  inside,
  nameOf,
  outside,
  reflector,
  reflectorPlan,
  type Setup,
  second,
  startBirdNode,
  third,
} from "../helpers/reflector-nodes";
import { untilWithin } from "../helpers/until";

const daemon = new TestDocker();
const said: string[] = [];
const options = { say: (message: string) => said.push(message) };
let frrd: RouterDaemon;

/** A file for a COE with some nodes. */
const fileOf = (setup: Setup) => {
  const { plan, found } = reflectorPlan("frr", setup);
  return frr.render(plan, found);
};
const whole = fileOf({ nodes: { ...inside, ...outside } });
const { startNode, announce, learned } = gobgpNodes(daemon);

const until = untilWithin(100_000);

const now = () => Date.now() / 1000;
const rib = async () => frr.tables.rib.parse(await frrd.ask(frr.tables.rib.args), now());
const neighbours = async () => {
  const asking = async (args: readonly string[]) =>
    ({ ok: true, asked: args.join(" "), value: await frrd.ask(args) }) as const;
  const answer = await askTable(frr.tables.neighbours, asking, false);
  return answer.ok ? answer.value : answer.error;
};
const states = async () =>
  Object.entries(await frr.neighbors(frrd))
    .map(([address, one]) => (one.established ? address : `no ${address}`))
    .sort();
/** How often each session came up and was lost, as FRR says it; a neighbour that is made anew begins at nothing. */
async function since(): Promise<Record<string, string>> {
  const said = await frrd.ask(["-c", "show bgp ipv4 unicast summary json"]);
  const { peers }: { peers: Record<string, Record<string, number>> } = JSON.parse(said);
  return Object.fromEntries(
    Object.entries(peers).map(([address, one]) => [
      address,
      `${one.connectionsEstablished} up, ${one.connectionsDropped} lost`,
    ]),
  );
}
const started = () => daemon.docker("inspect", "--format", "{{.State.StartedAt}}", "rr");

beforeAll(async () => {
  await daemon.up();
  const docker = new Docker(daemon.host);
  for (const kind of [gobgp, frr, bird])
    await docker.build(await kind.image.make(kind.image.tag, () => undefined));
  await daemon.docker("network", "create", "--subnet", "172.16.18.0/24", "nodes");
  await daemon.docker("volume", "create", "conf");
  const access = { dockerHost: daemon.host };
  await seedVolume(frr, access, frr.image.tag, "conf", fileOf({ nodes: inside }));
  const networksAdvanced = [{ name: "nodes", ipv4Address: reflector }];
  const image = frr.image.tag;
  await runConfined(
    daemon,
    { name: "rr", image, volume: "conf", networksAdvanced },
    frr,
    reflectorPlan("frr", { nodes: inside }).found,
  );
  frrd = containerDaemon(frr, access, "rr");
  for (const address of [first, second]) await startNode(address);
  for (const address of [third, fourth]) await startNode(address, 64600);
}, 240_000);

afterAll(() => daemon.down(), 60_000);

beforeEach(() => said.splice(0));

test.each([
  ["nodes in two AS", whole],
  [
    "a port and a cluster-id of its own",
    fileOf({ nodes: inside, port: 1179, clusterId: "0.0.0.9" }),
  ],
  ["no nodes", fileOf({ nodes: {} })],
  [
    "a password with signs that mean something elsewhere",
    frr.withPasswords(
      whole.replace(/^( neighbor \S+) update-source/m, "$1 password seamless:bgpPasswords.k\n$&"),
      { k: "a\\b#{}$;'|?\"!" },
    ),
  ],
])("FRR takes the file for %s", async (_, text) => {
  expect(await judgeFrr(text)).toBeUndefined();
});

test("starts with the seeded file; new neighbours come as it runs", async () => {
  const before = await started();
  await until("sessions of the first two", states, [first, second]);
  expect(await reload(frrd, whole, options)).toBe("rr: 4 neighbours, 8 ranges accepted");
  await until("all sessions", states, [first, second, third, fourth]);
  expect([await started(), said]).toEqual([before, []]);
}, 90_000);

test("accepts a node's own blocks and hands them on with their next hops", async () => {
  await announce(first, "192.168.0.0/26");
  await announce(third, "192.168.1.0/26");
  // A range of somebody else, a part that is too large, and the next hop of another node.
  await announce(first, "10.0.0.0/26");
  await announce(first, "192.168.64.0/25");
  await announce(first, "192.168.2.0/26", second);
  await until("the routes of the second", async () => (await learned(second)).sort(), [
    `192.168.0.0/26 ${first} []`,
    `192.168.1.0/26 ${third} [64600]`,
  ]);
  await until(
    "the routes of the fourth, in the AS of the third",
    () => learned(fourth).then((all) => all.sort()),
    [`192.168.0.0/26 ${first} [64511]`, `192.168.1.0/26 ${third} [64511 64511]`],
  );
  const paths = (await rib()).map(({ ageSeconds: _, ...path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      { prefix: "192.168.0.0/26", nextHop: first, peer: first, best: true, localPref: 100 },
      { prefix: "192.168.1.0/26", nextHop: third, peer: third, best: true, localPref: 100 },
    ]),
  );
  expect(paths).toHaveLength(2);
  expect(await neighbours()).toContainEqual({
    address: first,
    asn: 64511,
    state: "Established",
    uptimeSeconds: expect.any(Number),
    received: 4,
    accepted: 1,
  });
}, 90_000);

test("a changed neighbour resets its session alone", async () => {
  const before = await since();
  const changed = fileOf({
    nodes: { ...inside, ...outside, one: { address: first, asn: 64700 } },
  });
  await reload(frrd, changed, { ...options, returnMs: 1_000 });
  const after = await since();
  expect({ ...after, [first]: undefined }).toEqual({ ...before, [first]: undefined });
  expect(after[first]).not.toBe(before[first]);
  await reload(frrd, whole, options);
  await until("the session to be back", async () => (await states()).includes(first), true);
}, 90_000);

test("a limit of prefixes is taken over and read back on the sessions there are", async () => {
  const before = await since();
  const limits = async () => {
    const { neighbors } = await frr.read(frrd);
    return Object.values(neighbors).map(({ limit }) => limit);
  };
  for (const prefixLimit of [500, 600]) {
    const limited = fileOf({ nodes: { ...inside, ...outside }, prefixLimit });
    await reload(frrd, limited, options);
    expect(await limits()).toEqual(Array(4).fill(prefixLimit));
  }
  await reload(frrd, whole, options);
  expect(await limits()).toEqual(Array(4).fill(undefined));
  expect(await since()).toEqual(before);
}, 90_000);

test("keeps what it has when FRR refuses the file", async () => {
  const broken = whole.replace("bgp router-id", "bgp router-di");
  await expect(reload(frrd, broken, options)).rejects.toThrow(
    "rr keeps its configuration: No such command on config line 8: bgp router-di 172.16.18.32",
  );
  expect(await frrd.read()).toBe(whole);
});

test("keeps the old range and the neighbours that go until it narrows", async () => {
  const { four: _gone, ...left } = { ...inside, ...outside };
  const next = fileOf({ podCidr: "172.30.0.0/17", nodes: left });
  const before = await since();
  await widenReflector(frrd, next, { ...options, now: new Date(0) });
  const keeps = "rr keeps until the COEs have moved: ";
  const lines = (one: string, path: string) =>
    ["26..26", "32..32"].map(
      (lengths) =>
        `${keeps}from ${one}/32: 192.168.0.0/17 ${lengths} by ${one}${path}, set to LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities`,
    );
  expect(said).toEqual([
    `${keeps}neighbour ${fourth}`,
    ...[first, second].flatMap((one) => lines(one, "")),
    ...lines(third, ", AS path le 1"),
  ]);
  await announce(first, "172.30.0.0/26");
  await until("old and new blocks at the second", async () => (await learned(second)).sort(), [
    `172.30.0.0/26 ${first} []`,
    `192.168.0.0/26 ${first} []`,
    `192.168.1.0/26 ${third} [64600]`,
  ]);
  expect(await narrowReflector(frrd, next, options)).toBe("rr: as planned");
  await until("new blocks alone at the second", () => learned(second), [
    `172.30.0.0/26 ${first} []`,
  ]);
  const { [fourth]: _fourth, ...others } = before;
  expect(await since()).toEqual(others);
  expect(await frrd.read()).toBe(next);
}, 120_000);

test("nodes keep their routes while the reflector is restarted", async () => {
  await reload(frrd, fileOf({ nodes: inside }), options);
  for (const address of [first, second]) await daemon.docker("rm", "--force", nameOf(address));
  await startBirdNode(daemon, first, handWritten(first, "192.168.0.0/26"));
  await startBirdNode(daemon, second, handWritten(second, "192.168.0.64/26"));
  const routes = () => birdNodeRoutes(daemon, second);
  await until("the block of the first at the second", routes, "192.168.0.0/26");
  const seen = new Set<string>();
  let running = true;
  const watch = async () => {
    while (running) seen.add(await routes());
  };
  const watching = watch();
  await frrd.restart();
  // bgpd takes a moment to answer.
  const back = () => states().catch((thrown: Error) => [thrown.message]);
  await until("the sessions to be back", back, [first, second]).finally(() => {
    running = false;
  });
  // FRR sends what it has after five seconds at most, and what a node has not got again by then is gone.
  await until(
    "the reflector's own routes to be back",
    async () => {
      seen.add(await routes());
      return (await rib()).length;
    },
    2,
  );
  await watching;
  seen.add(await routes());
  expect([...seen]).toEqual(["192.168.0.0/26"]);
}, 120_000);

test("gets a daemon going again that its file keeps from running", async () => {
  await frrd.write("nonsense\n");
  await frrd.restart();
  expect(await widenReflector(frrd, whole, options)).toBe("rr: 4 neighbours, 8 ranges accepted");
  expect(said).toEqual(["rr: restarting bgpd"]);
}, 90_000);
