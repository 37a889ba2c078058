import { routerTraits } from "../../components/kinds/traits";
import { frrNeighbours } from "../../components/reflector/frr/tables";
import { networkOf, settle, topologyOf } from "../../plan/propagation";
import { tripOf } from "../../plan/propagation/trip";
import { waitFor } from "../../util/wait";
import { sessionChecks } from "../../verify/checks/session";
import type { Observation } from "../../verify/types";
import { type Member, RackLab } from "../helpers/rack-lab";
import { rackPlan } from "../helpers/racks";

const plan = rackPlan();
const lab = new RackLab(plan);
const topology = topologyOf(networkOf(plan), routerTraits);

/** What the model says of the way from one node to another's block. */
const tripBetween = (from: string, to: Member) =>
  tripOf(topology, settle(topology, to.block, [to.node.id]), from, to.node.id);

/** Routes of a router by the model: the blocks of others, and what it sends their packets to. */
const modelled = (router: string) =>
  Object.fromEntries(
    lab.members
      .filter(({ node }) => node.id !== router)
      .map((to) => [to.block, tripBetween(router, to).hops[0]] as const)
      .sort(),
  );

async function settled(host: string, protocol: "bird" | "bgp", expected: object): Promise<void> {
  const what = `routes of ${host}`;
  await waitFor({ what, timeoutMs: 60_000, intervalMs: 300 }, async () => {
    const found = await lab.routes(host, protocol);
    return JSON.stringify(found) === JSON.stringify(expected)
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(found) };
  });
}

beforeAll(() => lab.up(), 120_000);
afterAll(() => lab.down(), 30_000);

test("kernels have the next hops of the model: nodes of the rack themselves, and its router for other racks", async () => {
  for (const { node, block } of lab.members)
    await settled(
      node.name,
      "bird",
      Object.fromEntries(
        Object.entries({ ...modelled(node.id), [block]: "blackhole" }).sort(([a], [b]) =>
          a < b ? -1 : 1,
        ),
      ),
    );
  for (const name of Object.keys(plan.reflectors)) await settled(name, "bgp", modelled(name));
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
}, 120_000);

test("packets pass between all containers, by the routers of the model", async () => {
  for (const from of lab.members)
    for (const to of lab.members) {
      if (from === to) continue;
      const { hops } = tripBetween(from.node.id, to);
      expect([from.node.id, await lab.hops(from, to)]).toEqual([
        from.node.id,
        [from.node.address, ...hops, to.container],
      ]);
    }
}, 120_000);

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
  const up = { "tor-1--tor-2": fine, "tor-1/blue/blue-1": fine, "tor-1/green/green-1": fine };
  expect(await all()).toEqual(up);
  await lab.kill("tor-2");
  const what = "verify to name the session with tor-2 alone";
  await waitFor({ what, timeoutMs: 100_000, intervalMs: 300 }, async () => {
    const { "tor-1--tor-2": between = "", ...nodes } = await all();
    return /^fail: (Idle|Connect|Active)$/.test(between) &&
      Object.values(nodes).every((one) => one === fine)
      ? { done: true, value: undefined }
      : { done: false, seen: between };
  });
});
