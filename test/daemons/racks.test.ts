import { routerTraits } from "../../components/kinds/traits";
import { networkOf, settle, topologyOf } from "../../plan/propagation";
import { tripOf } from "../../plan/propagation/trip";
import { waitFor } from "../../util/wait";
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

test("the routers say that their sessions are up, and name the one whose router is killed", async () => {
  const states = async () => {
    const { ipv4Unicast } = JSON.parse(await lab.ask("tor-1", "show bgp summary json"));
    const peers: [string, { state: string }][] = Object.entries(ipv4Unicast.peers);
    return Object.fromEntries(peers.map(([address, { state }]) => [address, state]).sort());
  };
  expect(await states()).toEqual({
    "10.1.1.11": "Established",
    "10.1.1.12": "Established",
    "10.1.2.1": "Established",
  });
  await lab.kill("tor-2");
  const what = "tor-1 to lose its session with tor-2 alone";
  await waitFor({ what, timeoutMs: 20_000, intervalMs: 300 }, async () => {
    const found = await states();
    const down = Object.keys(found).filter((address) => found[address] !== "Established");
    return down.join() === "10.1.2.1"
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(found) };
  });
}, 60_000);
