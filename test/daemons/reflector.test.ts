import { makePlan, readStackConfig } from "../../components/kinds/planning";
import { gobgp } from "../../components/reflector/gobgp";
import { gobgpConfig } from "../../components/reflector/gobgp/config";
import { readState } from "../../components/reflector/gobgp/state";
import { parseNeighbours, parseRib } from "../../components/reflector/gobgp/tables";
import { renderGobgp } from "../../components/reflector/gobgp/toml";
import { reload } from "../../components/reflector/reload";
import type { CoeConfig, Config } from "../../config/types";
import { waitFor } from "../../util/wait";
import { BgpNetwork, type Speaker } from "../helpers/gobgp";

const own = "172.16.18.32";
const worker = "172.16.18.34";
const agent = "172.16.18.43";
const added = "172.16.18.50";

const network = new BgpNetwork();
const reflector = network.speaker("reflector");
const workerNode = network.speaker("worker-1");
const agentNode = network.speaker("agent-1");
const addedNode = network.speaker("agent-4");
const said: string[] = [];
const options = { say: (message: string) => said.push(message), returnMs: 30_000 };

const lab = readStackConfig("Pulumi.lab.yaml");

/** The reflector's file for the reference lab, with something else about DC/OS or the whole network. */
function fileOf(
  dcos: (coe: CoeConfig) => Partial<CoeConfig> = () => ({}),
  asn = lab.network.asn,
): string {
  const { kubernetes, dcos: given } = lab.coes;
  if (kubernetes === undefined || given === undefined) throw new Error("not the reference lab");
  const coes: Config["coes"] = { kubernetes, dcos: { ...given, ...dcos(given) } };
  const plan = makePlan({ ...lab, network: { ...lab.network, asn }, coes });
  const found = plan.reflectors.reflector;
  if (found === undefined) throw new Error("no reflector in the plan");
  return renderGobgp(gobgpConfig(plan, found));
}

const withAgent4 = ({ nodes }: CoeConfig) => ({
  nodes: { ...nodes, "agent-4": { address: added } },
});

/** A node that announces whatever it is told to, and retries as soon as Calico's BIRD does. */
function nodeFile(address: string, asn = 64511): string {
  return `[global.config]
as = ${asn}
router-id = "${address}"
local-address-list = ["${address}"]
[[neighbors]]
[neighbors.config]
neighbor-address = "${own}"
peer-as = 64511
[neighbors.timers.config]
connect-retry = 5
idle-hold-time-after-reset = 1
[neighbors.transport.config]
local-address = "${address}"
[neighbors.graceful-restart.config]
enabled = true
restart-time = 120
deferral-time = 1
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv4-unicast"
[neighbors.afi-safis.mp-graceful-restart.config]
enabled = true
`;
}

async function startNode(node: Speaker, address: string, asn?: number): Promise<void> {
  await node.write(nodeFile(address, asn));
  await node.start();
}

/** Established sessions of the reflector by address, with a number that stays as long as the session does. */
async function sessions(): Promise<Record<string, number>> {
  const faraway = 1e10;
  const peers = parseNeighbours(await reflector.ask(["neighbor"]), faraway);
  return Object.fromEntries(
    peers.flatMap(({ address, uptimeSeconds }) =>
      uptimeSeconds === undefined ? [] : [[address, uptimeSeconds]],
    ),
  );
}

async function established(...addresses: string[]): Promise<Record<string, number>> {
  const what = `sessions with ${addresses.join(", ")}`;
  return waitFor({ what, timeoutMs: 100_000, intervalMs: 100 }, async () => {
    const found = await sessions();
    return addresses.every((address) => found[address] !== undefined)
      ? { done: true, value: found }
      : { done: false, seen: Object.keys(found).join(", ") };
  });
}

/** Waits until a speaker's table is exactly this, written `prefix via next-hop`. */
async function table(speaker: Speaker, expected: readonly string[]): Promise<void> {
  const what = `${speaker.name} to have ${expected.join(", ")}`;
  await waitFor({ what, timeoutMs: 100_000, intervalMs: 100 }, async () => {
    const text = await speaker.ask(["global", "rib"]);
    const paths = parseRib(text.trim() === "" ? "{}" : text, 0);
    const found = paths.map(({ prefix, nextHop }) => `${prefix} via ${nextHop}`).sort();
    return found.join() === [...expected].sort().join()
      ? { done: true, value: undefined }
      : { done: false, seen: found.join(", ") };
  });
}

const workerRoutes = [`192.168.0.0/26 via ${worker}`, `192.168.5.7/32 via ${worker}`];
const agentRoute = `192.168.128.0/26 via ${agent}`;
/** In the upper half of the engine's range. */
const upperRoute = `192.168.192.0/26 via ${agent}`;
const allRoutes = [...workerRoutes, agentRoute, upperRoute];
const upperHalf = () => ({ podCidr: "192.168.192.0/18" });

beforeAll(async () => {
  await network.up([own, worker, agent, added]);
  await reflector.write(fileOf());
  await reflector.start();
  await startNode(workerNode, worker);
  await startNode(agentNode, agent);
  await established(worker, agent);
});

afterAll(() => network.down(), 30_000);

beforeEach(() => {
  said.splice(0);
  reflector.signals.splice(0);
});

test("lets in what a node may announce and hands it on with its next hop", async () => {
  const mine: [string, string][] = [
    ["192.168.0.0/26", worker],
    ["192.168.5.7/32", worker],
    // Another engine's range, too much at once, everything, one's own by another's address, no container's.
    ["192.168.128.64/26", worker],
    ["192.168.0.0/25", worker],
    ["192.168.0.0/17", worker],
    ["0.0.0.0/0", worker],
    ["192.168.1.0/26", agent],
    ["172.16.18.99/32", worker],
  ];
  for (const [prefix, nextHop] of mine) await workerNode.announce(prefix, nextHop);
  await agentNode.announce("192.168.128.0/26", agent);
  await agentNode.announce("192.168.192.0/26", agent);
  await table(agentNode, allRoutes);
  await table(reflector, allRoutes);
});

test("refuses a file that gobgpd cannot read, and leaves the running one alone", async () => {
  const before = await reflector.read();
  const broken = fileOf().replace("peer-as", "peer-az");
  await expect(reload(reflector, broken, options)).rejects.toThrow(
    /^reflector keeps its configuration: Can't read config file: .*'neighbors\[0\]\.config' has invalid keys: peer-az/,
  );
  expect(await reflector.read()).toBe(before);
  expect(reflector.signals).toEqual([]);
});

test("a new neighbour, its range and its removal touch no other session", async () => {
  const before = await established(worker, agent);
  expect(await reload(reflector, fileOf(withAgent4), options)).toBe(
    "reflector: 9 neighbours, 20 ranges accepted",
  );
  await startNode(addedNode, added);
  await established(added);
  await addedNode.announce("192.168.130.0/26", added);
  const addedRoute = `192.168.130.0/26 via ${added}`;
  await table(workerNode, [
    ...allRoutes,
    addedRoute,
    `192.168.128.64/26 via ${worker}`,
    `192.168.0.0/25 via ${worker}`,
    `192.168.0.0/17 via ${worker}`,
    `0.0.0.0/0 via ${worker}`,
    `192.168.1.0/26 via ${agent}`,
    `172.16.18.99/32 via ${worker}`,
  ]);
  expect(await sessions()).toMatchObject(before);

  expect(await reload(reflector, fileOf(), options)).toBe(
    "reflector: 8 neighbours, 18 ranges accepted",
  );
  expect(await sessions()).toEqual(before);
  await table(reflector, allRoutes);
  expect(reflector.signals).toEqual(["hangUp", "hangUp"]);
});

test("another range is another fence, on the sessions there are", async () => {
  const before = await established(worker, agent);
  await reload(reflector, fileOf(upperHalf), options);
  await table(reflector, [...workerRoutes, upperRoute]);
  await reload(reflector, fileOf(), options);
  await table(reflector, allRoutes);
  expect(await sessions()).toEqual(before);
});

test("finishes what was cut off between the file and the signal", async () => {
  const next = fileOf(({ nodes }) => ({
    ...upperHalf(),
    nodes: { ...nodes, "agent-2": { address: "172.16.18.44", asn: 64600 } },
  }));
  await reflector.write(next);
  await reload(reflector, next, options);
  await table(reflector, [...workerRoutes, upperRoute]);
  await reload(reflector, fileOf(), options);
  await table(reflector, allRoutes);
});

test("changed timers of all neighbours reset no session", async () => {
  const before = await established(worker, agent);
  const calmer = fileOf().replaceAll("hold-time = 90", "hold-time = 180");
  await reload(reflector, calmer, options);
  const timers = await reflector.ask(["neighbor"]);
  expect([...timers.matchAll(/"hold_time":(\d+)/g)].map(([, value]) => value)).toEqual(
    Array<string>(8).fill("180"),
  );
  expect(await sessions()).toEqual(before);
  await reload(reflector, fileOf(), options);
  expect(await sessions()).toEqual(before);
});

test("a limit of prefixes is taken over and read back on the sessions there are", async () => {
  const before = await established(worker, agent);
  const limits = async () => {
    const { neighbors } = await readState(reflector);
    return [worker, agent].map((address) => neighbors[address]?.limit);
  };
  for (const prefixLimit of [500, 600]) {
    await reload(
      reflector,
      fileOf(() => ({ prefixLimit })),
      options,
    );
    expect(await limits()).toEqual([undefined, prefixLimit]);
  }
  await reload(reflector, fileOf(), options);
  expect(await limits()).toEqual([undefined, undefined]);
  expect(await sessions()).toEqual(before);
}, 90_000);

test("a neighbour's other AS resets its session alone, and its route keeps its next hop", async () => {
  const before = await established(worker, agent);
  const next = fileOf(({ nodes }) => ({
    nodes: { ...nodes, "agent-1": { address: agent, asn: 64600 } },
  }));
  await reload(reflector, next, { ...options, returnMs: 500 });
  expect(said).toEqual([expect.stringContaining(`the session with ${agent}`)]);
  await agentNode.stop();
  await startNode(agentNode, agent, 64600);
  const after = await established(agent);
  expect(after[worker]).toBe(before[worker]);
  await agentNode.announce("192.168.128.0/26", agent);
  await table(reflector, [...workerRoutes, agentRoute]);
  await waitFor({ what: "the agent's route on the worker", timeoutMs: 100_000 }, async () => {
    const paths = parseRib(await workerNode.ask(["global", "rib"]), 0);
    const route = paths.find(({ prefix }) => prefix === "192.168.128.0/26");
    return route?.nextHop === agent
      ? { done: true, value: undefined }
      : { done: false, seen: route?.nextHop ?? "no route" };
  });
  await table(agentNode, [...workerRoutes, agentRoute]);
});

test("another AS of its own needs a restart", async () => {
  await reload(reflector, fileOf(undefined, 64999), options);
  expect(reflector.signals).toEqual(["restart"]);
  expect(said).toEqual(["reflector: restarting gobgpd"]);
  const global = await reflector.ask(["global"]);
  expect(JSON.parse(global)).toMatchObject({ asn: 64999, router_id: own });
});

test("says what is not as planned when gobgpd takes no notice", async () => {
  const deaf = { ...wrapped(), hangUp: async () => undefined };
  const next = fileOf(withAgent4, 64999);
  await expect(reload(deaf, next, { ...options, settleMs: 300 })).rejects.toThrow(
    `neighbour ${added} is missing; ${["26..26", "32..32"].map((lengths) => `not accepted from ${added}/32: 192.168.128.0/17 ${lengths} by ${added}, set to LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities`).join("; ")}; docker logs reflector says more`,
  );
});

function wrapped() {
  return {
    kind: gobgp,
    name: reflector.name,
    read: () => reflector.read(),
    check: (text: string) => reflector.check(text),
    write: (text: string) => reflector.write(text),
    restart: () => reflector.restart(),
    ask: (args: readonly string[]) => reflector.ask(args),
  };
}
