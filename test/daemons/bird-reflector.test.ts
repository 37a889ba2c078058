import { makePlan, parseConfig } from "../../components/kinds/planning";
import { bird } from "../../components/reflector/bird";
import { narrowReflector, widenReflector } from "../../components/reflector/change";
import { containerDaemon, seedVolume } from "../../components/reflector/container";
import type { RouterDaemon } from "../../components/reflector/contract";
import { gobgp } from "../../components/reflector/gobgp";
import { reload } from "../../components/reflector/reload";
import { renderBirdNode } from "../../components/speakers/bird/conf";
import { speakerNode } from "../../components/speakers/node";
import { Docker } from "../../util/docker";
import { judgeBird } from "../helpers/bird";
import { runConfined } from "../helpers/confined";
import { TestDocker } from "../helpers/dockerd";
import {
  at,
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
let birdd: RouterDaemon;

/** A file for a COE with some nodes. */
const fileOf = (setup: Setup) => {
  const { plan, found } = reflectorPlan("bird", setup);
  return bird.render(plan, found);
};
const whole = fileOf({ nodes: { ...inside, ...outside } });
const { startNode, announce, learned } = gobgpNodes(daemon);

const until = untilWithin(100_000);

const now = () => Date.now() / 1000;
const rib = async () => bird.tables.rib.parse(await birdd.ask(bird.tables.rib.args), now());
const neighbours = async () =>
  bird.tables.neighbours.parse(await birdd.ask(bird.tables.neighbours.args), now());
const states = async () =>
  Object.entries(await bird.neighbors(birdd))
    .map(([address, one]) => (one.established ? address : `no ${address}`))
    .sort();
/** When each session came up, as BIRD says it. */
const since = async () =>
  Object.fromEntries(
    [...(await birdd.ask(["show", "protocols"])).matchAll(/^node_(\S+) .* up +(\S+ \S+)/gm)].map(
      ([, name = "", time]) => [name, time],
    ),
  );
const started = () => daemon.docker("inspect", "--format", "{{.State.StartedAt}}", "rr");

beforeAll(async () => {
  await daemon.up();
  const docker = new Docker(daemon.host);
  for (const kind of [gobgp, bird])
    await docker.build(await kind.image.make(kind.image.tag, () => undefined));
  await daemon.docker("network", "create", "--subnet", "172.16.18.0/24", "nodes");
  await daemon.docker("volume", "create", "conf");
  const access = { dockerHost: daemon.host };
  await seedVolume(bird, access, bird.image.tag, "conf", fileOf({ nodes: inside }));
  const networksAdvanced = [{ name: "nodes", ipv4Address: reflector }];
  const image = bird.image.tag;
  await runConfined(daemon, { name: "rr", image, volume: "conf", networksAdvanced }, bird);
  birdd = containerDaemon(bird, access, "rr");
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
    bird.withPasswords(
      whole.replace(/^ {2}hold time/m, '  password "seamless:bgpPasswords.k";\n  hold time'),
      { k: "a\\b#{}$;'" },
    ),
  ],
])("BIRD takes the file for %s", async (_, text) => {
  expect(await judgeBird(text)).toBeUndefined();
});

test("starts with the seeded file; new neighbours come as it runs", async () => {
  const before = await started();
  await until("sessions of the first two", states, [first, second]);
  expect(await reload(birdd, whole, options)).toBe("rr: 4 neighbours, 8 ranges accepted");
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
  await reload(birdd, changed, { ...options, returnMs: 1_000 });
  const after = await since();
  const own = "172_16_18_34";
  expect({ ...after, [own]: undefined }).toEqual({ ...before, [own]: undefined });
  expect(after[own]).not.toBe(before[own]);
  await reload(birdd, whole, options);
  await until("the session to be back", async () => (await states()).includes(first), true);
}, 90_000);

test("a limit of prefixes is taken over and read back on the sessions there are", async () => {
  const before = await since();
  const limits = async () => {
    const { neighbors } = await bird.read(birdd);
    return Object.values(neighbors).map(({ limit }) => limit);
  };
  for (const prefixLimit of [500, 600]) {
    const limited = fileOf({ nodes: { ...inside, ...outside }, prefixLimit });
    await reload(birdd, limited, options);
    expect(await limits()).toEqual(Array(4).fill(prefixLimit));
  }
  await reload(birdd, whole, options);
  expect(await limits()).toEqual(Array(4).fill(undefined));
  expect(await since()).toEqual(before);
}, 90_000);

test("keeps what it has when BIRD refuses the file", async () => {
  const broken = whole.replace("router id", "router-id");
  await expect(reload(birdd, broken, options)).rejects.toThrow(
    "rr keeps its configuration: /dev/stdin:6:7 syntax error, unexpected '-', expecting ID",
  );
  expect(await birdd.read()).toBe(whole);
});

test("keeps the old range and the neighbours that go until it narrows", async () => {
  const { four: _gone, ...left } = { ...inside, ...outside };
  const next = fileOf({ podCidr: "172.30.0.0/17", nodes: left });
  const before = await since();
  await widenReflector(birdd, next, { ...options, now: new Date(0) });
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
  expect(await narrowReflector(birdd, next, options)).toBe("rr: as planned");
  await until("new blocks alone at the second", () => learned(second), [
    `172.30.0.0/26 ${first} []`,
  ]);
  const { "172_16_18_44": _fourth, ...others } = before;
  expect(await since()).toEqual(others);
  expect(await birdd.read()).toBe(next);
}, 120_000);

test("nodes keep their routes while the reflector is restarted", async () => {
  await reload(birdd, fileOf({ nodes: inside }), options);
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
  await birdd.restart();
  await until("the sessions to be back", states, [first, second]).finally(() => {
    running = false;
  });
  // BIRD ends its recovery then, and what a node has not got again by now is gone.
  await until(
    "the end of the recovery",
    async () => {
      seen.add(await routes());
      return /recovery in progress/.test(await birdd.ask(["show", "status"]));
    },
    false,
  );
  await watching;
  seen.add(await routes());
  expect([...seen]).toEqual(["192.168.0.0/26"]);
}, 120_000);

test("gets a daemon going again that its file keeps from running", async () => {
  await birdd.write("nonsense\n");
  await birdd.restart();
  expect(await widenReflector(birdd, whole, options)).toBe("rr: 4 neighbours, 8 ranges accepted");
  expect(said).toEqual(["rr: restarting bird"]);
}, 90_000);

test("in its container it watches a neighbour with BFD, and has no capability but the one for that", async () => {
  const [address, node] = [at(61), at(62)];
  const plan = makePlan(
    parseConfig({
      network: { supernet: "10.64.0.0/12", nodes: "172.16.18.0/24", asn: 64511, bfd: true },
      reflectors: { watching: { kind: "bird", address } },
      coes: {
        plain: {
          ...{ kind: "hosts", podCidr: "10.65.0.0/16", policy: "open" },
          access: { ssh: { user: "root" } },
          nodes: { host: { address: node, podCidr: "10.65.0.0/24" } },
        },
      },
    }),
  );
  const [planned, host] = [plan.reflectors.watching, plan.coes.plain?.nodes.host];
  if (planned === undefined || host === undefined) throw new Error("not in the plan");
  const access = { dockerHost: daemon.host };
  const place = { name: "watching", image: bird.image.tag, volume: "watching" };
  await daemon.docker("volume", "create", "watching");
  await seedVolume(bird, access, bird.image.tag, "watching", bird.render(plan, planned));
  const networksAdvanced = [{ name: "nodes", ipv4Address: address }];
  await runConfined(daemon, { ...place, networksAdvanced }, bird, planned, true);
  const far = renderBirdNode(speakerNode(plan, host)).replace("log syslog all", "log stderr all");
  await startBirdNode(daemon, node, far, ["--cap-add", "NET_ADMIN"]);
  const { args, more, parse } = bird.tables.neighbours;
  const watching = containerDaemon(bird, access, "watching");
  const look = async () => {
    const text = await watching.ask(args);
    const rest = await Promise.all((more?.(text, false) ?? []).map((words) => watching.ask(words)));
    return parse([text, ...rest].join("\n"), now()).map(({ state, bfd }) => [state, bfd]);
  };
  await until("BFD", look, [["Established", "Up"]]);
  const format = "{{json .HostConfig.CapAdd}} {{json .HostConfig.CapDrop}}";
  expect((await daemon.docker("inspect", "--format", format, "watching")).trim()).toBe(
    '["NET_RAW"] ["ALL"]',
  );
}, 120_000);
