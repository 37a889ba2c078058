import { routerTraits } from "../../components/kinds/traits";
import { lookAtRouter, routerLookInput } from "../../components/reflector/external/look";
import { frrNeighbours } from "../../components/reflector/frr/tables";
import { routerAsk } from "../../components/reflector/kinds";
import type { Access } from "../../plan/access";
import { addressOf, families } from "../../plan/families";
import { networkOf, settle, topologyOf } from "../../plan/propagation";
import { tripOf } from "../../plan/propagation/trip";
import { execOrThrow } from "../../util/exec";
import type { Family } from "../../util/net";
import { waitFor } from "../../util/wait";
import { acceptanceChecks } from "../../verify/checks/acceptance";
import { ribChecks } from "../../verify/checks/rib";
import { sessionChecks } from "../../verify/checks/session";
import { collectAccepts } from "../../verify/seen/own-word";
import { askReflectors } from "../../verify/seen/reflectors";
import type { Observation } from "../../verify/types";
import { type Member, RackLab } from "../helpers/rack-lab";
import { dualRacks, rackPlan } from "../helpers/racks";

/** A COE whose pool keeps the tunnel that it came with, and one whose pool has none. */
const { blue, green } = dualRacks.coes;
const plan = rackPlan({
  ...dualRacks,
  coes: { blue: { ...blue, ipipMode: "CrossSubnet" }, green },
});
const lab = new RackLab(plan);
const topology = topologyOf(networkOf(plan), routerTraits);

const blockOf = ({ in: own }: Member, family: Family) => own[family]?.block ?? "";

/** What the model says of the way from one node to another's block. */
const tripBetween = (from: string, to: Member, family: Family) =>
  tripOf(topology, settle(topology, blockOf(to, family), [to.node.id]), from, to.node.id);

/** Routes of a router by the model: the blocks of others, and what it sends their packets to. */
const modelled = (router: string, family: Family) =>
  Object.fromEntries(
    lab.members
      .filter(({ node }) => node.id !== router)
      .map((to) => [blockOf(to, family), tripBetween(router, to, family).hops[0]] as const)
      .sort(),
  );

async function settled(
  host: string,
  protocol: "bird" | "bgp",
  family: Family,
  expected: object,
): Promise<void> {
  const what = `routes of IPv${family} at ${host}: ${JSON.stringify(expected)}`;
  await waitFor({ what, timeoutMs: 120_000, intervalMs: 300 }, async () => {
    const found = await lab.routes(host, protocol, family);
    return JSON.stringify(found) === JSON.stringify(expected)
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(found) };
  });
}

beforeAll(() => lab.up(), 120_000);
afterAll(() => lab.down(), 30_000);

test("kernels have the next hops of the model: nodes of the rack themselves, and its router for other racks", async () => {
  for (const family of families) {
    for (const member of lab.members) {
      const { node } = member;
      const own = { [blockOf(member, family)]: "blackhole" };
      const all = Object.entries({ ...modelled(node.id, family), ...own });
      const sorted = all.sort(([a], [b]) => (a < b ? -1 : 1));
      await settled(node.name, "bird", family, Object.fromEntries(sorted));
    }
    for (const name of Object.keys(plan.reflectors))
      await settled(name, "bgp", family, modelled(name, family));
  }
  expect(await lab.routes("blue-1", "bird")).toEqual({
    "10.64.0.0/26": "blackhole",
    "10.64.1.0/26": "10.1.1.1",
    "10.65.0.0/26": "10.1.1.12",
    "10.65.1.0/26": "10.1.1.1",
  });
  expect(await lab.routes("tor-1", "bgp")).toEqual({
    "10.64.0.0/26": "10.1.1.11",
    "10.64.1.0/26": "10.1.2.1",
    "10.65.0.0/26": "10.1.1.12",
    "10.65.1.0/26": "10.1.2.1",
  });
}, 300_000);

test.each(families)(
  "nodes have sessions of IPv%s with the router of their rack alone",
  async (family) => {
    for (const { node } of lab.members) {
      const router = Object.values(plan.reflectors).find(({ rack }) => rack === node.rack);
      const own = router === undefined ? [] : [addressOf(router, family)];
      expect([node.id, await lab.farEnds(node.name, family)]).toEqual([node.id, own]);
    }
  },
  30_000,
);

test.each(families)(
  "packets of IPv%s pass between all containers, by the routers of the model",
  async (family) => {
    for (const from of lab.members)
      for (const to of lab.members) {
        if (from === to) continue;
        const { hops } = tripBetween(from.node.id, to, family);
        expect([from.node.id, await lab.hops(from, to, family)]).toEqual([
          from.node.id,
          [addressOf(from.node, family), ...hops, to.in[family]?.container],
        ]);
      }
  },
  120_000,
);

test("no packet takes the tunnel of a pool with CrossSubnet, for next hops are on the node's own segment", async () => {
  const tunnelled = async (mode: string) => {
    await lab.setIpipMode("blue", mode);
    const nodes = lab.members.map(({ node }) => node.name);
    return Object.fromEntries(
      await Promise.all(nodes.map(async (name) => [name, await lab.tunnelled(name)] as const)),
    );
  };
  const none = { "blue-1": [], "blue-2": [], "green-1": [], "green-2": [] };
  expect(await tunnelled("CrossSubnet")).toEqual(none);
  // What proves that it would be seen.
  const what = "routes into the tunnel, with a pool that has it Always";
  await waitFor({ what, timeoutMs: 20_000, intervalMs: 200 }, async () => {
    const found = await tunnelled("Always");
    const expected = { ...none, "blue-1": ["10.64.1.0/26"], "blue-2": ["10.64.0.0/26"] };
    return JSON.stringify(found) === JSON.stringify(expected)
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(found) };
  });
}, 180_000);

test("an update finds all that the plan needs at the routers, by the program of their owner", async () => {
  const said = Object.keys(plan.reflectors).map((reflector) =>
    lookAtRouter(
      routerLookInput.parse(
        JSON.parse(JSON.stringify({ plan, reflector, read: lab.reads(reflector) })),
      ),
    ),
  );
  expect(await Promise.all(said)).toEqual([
    "tor-1: has all that the plan needs, with 6 neighbours",
    "tor-2: has all that the plan needs, with 6 neighbours",
  ]);
});

const nothingSeen: Observation = {
  ...{ neighbours: {}, rib: {}, routes: {}, workloads: {}, fetches: {}, services: {} },
  ...{ serviceFetches: {}, nameFetches: {}, addons: {}, intrusions: {}, containers: {} },
  ...{ blocks: {}, members: {}, objects: {}, speakers: {}, accepts: {} },
};

/** What verify says of a session, as the router at its end `a` has it. */
async function verdict(session: string): Promise<string> {
  const check = sessionChecks(plan).find(({ id }) => id === `session/${session}`);
  if (check === undefined) throw new Error(`no check of ${session}`);
  const [at = ""] = check.needs.map((need) => need.replace("neighbours/", ""));
  const value = frrNeighbours.parse(await lab.ask(at, "show bgp summary json"), Date.now());
  const answer = { ok: true, asked: at, value } as const;
  const { status, found } = check.judge({ ...nothingSeen, neighbours: { [at]: answer } });
  return `${status}: ${found}`;
}

/** What the routers say, as verify asks for it, and what IPAM has given out. */
async function seenAtRouters(): Promise<Observation> {
  const names = Object.keys(plan.reflectors);
  const command = names.map((name) => [name, { via: "command", ...lab.reads(name) }] as const);
  const access: Access = { reflectors: Object.fromEntries(command), coes: {} };
  const parts = ["neighbours", "rib", "accepts"] as const;
  const needed = new Set(parts.flatMap((part) => names.map((name) => `${part}/${name}` as const)));
  const asked = [plan, access, routerAsk, needed] as const;
  const [neighbours, rib, accepts] = await Promise.all([
    askReflectors("neighbours", ...asked, (tables) => tables.neighbours),
    askReflectors("rib", ...asked, (tables) => tables.rib),
    collectAccepts(...asked),
  ]);
  const blocks = Object.keys(plan.coes).map((coe) => {
    const value = lab.members
      .filter((one) => one.coe === coe)
      .flatMap(({ node, in: own }) =>
        Object.values(own).map(({ block }) => ({ cidr: block, owners: [node.id], addresses: [] })),
      );
    const none = { ok: true, asked: coe, value: [] } as const;
    return { coe, blocks: { ok: true, asked: coe, value } as const, containers: none };
  });
  return {
    ...{ ...nothingSeen, neighbours, rib, accepts },
    blocks: Object.fromEntries(blocks.map((one) => [one.coe, one.blocks])),
    containers: Object.fromEntries(blocks.map((one) => [one.coe, one.containers])),
  };
}

test("verify agrees with both routers of a session between racks, and names a fence of each family that is gone at either", async () => {
  const checks = [...sessionChecks(plan), ...acceptanceChecks(plan), ...ribChecks(plan)];
  const verdicts = async () => {
    const seen = await seenAtRouters();
    return Object.fromEntries(
      checks
        .filter(({ id }) => /^(acceptance|rib)\/|\/unplanned$/.test(id))
        .map(({ id, judge }) => [id, judge(seen)] as const)
        .map(([id, { status, found }]) => [id, status === "pass" ? status : found]),
    );
  };
  const fine = Object.fromEntries(
    ["acceptance/tor-1", "acceptance/tor-2", "rib/tor-1", "rib/tor-2"]
      .concat(["session/tor-1/unplanned", "session/tor-2/unplanned"])
      .map((id) => [id, "pass"]),
  );
  expect(await verdicts()).toEqual(fine);
  for (const [own, far, family, length] of [
    ["tor-1", "10.1.2.1", "ip", 32],
    ["tor-2", "10.1.1.1", "ip", 32],
    ["tor-1", "2001:db8:2::1", "ipv6", 128],
    ["tor-2", "2001:db8:1::1", "ipv6", 128],
  ] as const) {
    const { argv } = lab.reads(own);
    const map = ["-c", "configure terminal", "-c", `route-map from-${far} permit 1`];
    const line = `match ${family} address prefix-list from-${far}`;
    await execOrThrow([...argv, ...map, "-c", `no ${line}`]);
    const { [`acceptance/${own}`]: named, ...others } = await verdicts();
    expect(named).toContain(`accepts from ${far}/${length}: what from-${far} accepts`);
    expect(Object.values(others).every((one) => one === "pass")).toBe(true);
    await execOrThrow([...argv, ...map, "-c", line]);
    expect(await verdicts()).toEqual(fine);
  }
}, 180_000);

test("verify finds the sessions up, and names the one whose router is killed", async () => {
  const sessions = Object.keys(plan.sessions);
  const all = async () =>
    Object.fromEntries(
      await Promise.all(
        sessions
          .filter((name) => !name.startsWith("tor-2/"))
          .map(async (name) => [name, await verdict(name)] as const),
      ),
    );
  const fine = "pass: Established, AS 64511";
  const up = {
    ...{ "tor-1--tor-2": fine, "tor-1--tor-2/ipv6": fine },
    ...{ "tor-1/blue/blue-1": fine, "tor-1/blue/blue-1/ipv6": fine },
    ...{ "tor-1/green/green-1": fine, "tor-1/green/green-1/ipv6": fine },
  };
  expect(await all()).toEqual(up);
  await lab.kill("tor-2");
  const what = "verify to name the session with tor-2 alone";
  await waitFor({ what, timeoutMs: 100_000, intervalMs: 300 }, async () => {
    const { "tor-1--tor-2": four = "", "tor-1--tor-2/ipv6": six = "", ...nodes } = await all();
    const between = `${four}, ${six}`;
    return /^fail: (Idle|Connect|Active), fail: (Idle|Connect|Active)$/.test(between) &&
      Object.values(nodes).every((one) => one === fine)
      ? { done: true, value: undefined }
      : { done: false, seen: between };
  });
});
