/*
 * A node is rebooted: its machine goes without a word, and comes back. How long it takes until its routes are back at the others,
 * by the word of one of them, with the file that is rendered for each kind of reflector and with BIRD as Calico configures it.
 */
import { performance } from "node:perf_hooks";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import type { RouterKind } from "../../components/reflector/contract";
import { routerKinds } from "../../components/reflector/kinds";
import type { Network, SessionSide } from "../../plan/propagation/network";
import { waitFor } from "../../util/wait";
import { birdConfig } from "../helpers/bgp/configs";
import { Lane, laneSegments } from "../helpers/bgp/lane";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";

const asn = 64511;
const places = { rr: "10.1.1.11", node: "10.1.1.12", other: "10.1.1.13" } as const;
type Place = keyof typeof places;
const blocks = { before: "192.168.0.0/26", after: "192.168.0.64/26", other: "192.168.0.128/26" };
/** Seconds. */
const most = 15;
let roots: Roots;
let lane: Lane;

beforeAll(async () => {
  roots = await makeRoots();
  lane = new Lane(roots, "b");
  await lane.up();
}, 120_000);

afterEach(() => lane.stop());

afterAll(async () => {
  await lane.down();
  removeRoots(roots);
});

/** @param block what the node announces */
function networkOf(kind: string, block: string): Network {
  const router = (id: Place, of: string) => ({
    ...{ asn, routerId: places[id], kind: of },
    links: [{ segment: "east", address: places[id] }],
  });
  const side = (id: Place, role: SessionSide["role"]): SessionSide => ({
    ...{ router: id, address: places[id], role },
  });
  return {
    segments: { ...laneSegments },
    routers: {
      rr: { ...router("rr", kind), clusterId: places.rr },
      node: router("node", "calico"),
      other: router("other", "calico"),
    },
    sessions: {
      "rr/node": { a: side("rr", "reflector"), b: side("node", "client") },
      "rr/other": { a: side("rr", "reflector"), b: side("other", "client") },
    },
    originations: [
      { router: "node", prefix: block },
      { router: "other", prefix: blocks.other },
    ],
  };
}

function fileOf(kind: string, { render }: RouterKind): string {
  const plan = makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: laneSegments.east, asn },
      reflectors: { rr: { kind, address: places.rr } },
      coes: {
        kubernetes: {
          kind: "kubernetes",
          podCidr: "192.168.0.0/16",
          policy: "open",
          access: { kubeconfig: "nowhere" },
          nodes: { node: { address: places.node }, other: { address: places.other } },
        },
      },
    }),
  );
  const reflector = plan.reflectors.rr;
  if (reflector === undefined) throw new Error("no reflector in the plan");
  return render(plan, reflector);
}

/** The times and the graceful restart that Calico's template has (bird.cfg.template). */
function asCalico(network: Network, id: Place): string {
  const own =
    "graceful restart;\nconnect delay time 2;\nconnect retry time 5;\nerror wait time 5,30;";
  return birdConfig(network, id, 1).replaceAll(
    /connect delay time 1;\s*connect retry time 1;\s*error wait time 1,1;/g,
    own,
  );
}

/** Seconds until the other node has a route. */
async function learned(network: Network, block: string): Promise<number> {
  const start = performance.now();
  await waitFor(
    { what: `the route to ${block}`, timeoutMs: 120_000, intervalMs: 100 },
    async () => {
      const look = lane.look(network, "other").catch(() => ({ table: {} }));
      const { table } = await look;
      return block in table
        ? { done: true, value: undefined }
        : { done: false, seen: Object.keys(table).join(", ") };
    },
  );
  return (performance.now() - start) / 1000;
}

test.each(Object.entries(routerKinds))(
  "with a reflector of kind %s the routes of a node are back soon after its reboot",
  async (kind, router) => {
    const network = networkOf(kind, blocks.before);
    await lane.start(network, {
      rr: fileOf(kind, router),
      node: asCalico(network, "node"),
      other: asCalico(network, "other"),
    });
    await learned(network, blocks.before);
    const again = networkOf(kind, blocks.after);
    await lane.reboot(again, "node", asCalico(again, "node"));
    const seconds = await learned(again, blocks.after);
    expect([seconds, seconds < most]).toEqual([seconds, true]);
  },
  180_000,
);
