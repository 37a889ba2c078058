/*
 * A container speaks BGP through its node's NAT: to a reflector it has the node's address. Its daemon is a real GoBGP, which
 * sends packets with the highest TTL there is. The kernels count what they drop of it.
 */
import { makePlan, parseConfig } from "../../components/kinds/planning";
import type { RouterKind } from "../../components/reflector/contract";
import { routerKinds } from "../../components/reflector/kinds";
import type { Network, SessionSide } from "../../plan/propagation/network";
import { waitFor } from "../../util/wait";
import { birdConfig } from "../helpers/bgp/configs";
import { gatewayOf, Lane, laneSegments } from "../helpers/bgp/lane";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";
import { untilWithin } from "../helpers/until";

const asn = 64511;
/** The node whose container speaks is the gateway between the segments. */
const places = {
  rr: "10.1.1.11",
  owner: "10.1.1.12",
  node: gatewayOf("east"),
  pod: "10.1.2.13",
} as const;
const blocks = { owner: "192.168.0.0/26", stolen: "192.168.0.64/26" };
const password = "none-of-the-pods-business";
let roots: Roots;
let lane: Lane;

beforeAll(async () => {
  roots = await makeRoots();
  lane = new Lane(roots, "p");
  await lane.up();
  await lane.translate("west", "east");
}, 120_000);

afterEach(() => lane.stop());

afterAll(async () => {
  await lane.down();
  removeRoots(roots);
});

function networkOf(kind: string): Network {
  const side = (router: "rr" | "owner" | "pod", role: SessionSide["role"]): SessionSide => ({
    router,
    address: places[router],
    role,
  });
  const east = (address: string, of: string) => ({
    asn,
    routerId: address,
    kind: of,
    links: [{ segment: "east", address }],
  });
  return {
    segments: { ...laneSegments },
    routers: {
      rr: { ...east(places.rr, kind), clusterId: places.rr },
      owner: east(places.owner, "calico"),
      pod: {
        ...{ asn, routerId: places.pod, kind: "gobgp", gateway: gatewayOf("west") },
        links: [{ segment: "west", address: places.pod }],
      },
    },
    sessions: {
      "rr/owner": { a: side("rr", "reflector"), b: side("owner", "client") },
      "rr/pod": { a: side("rr", "reflector"), b: side("pod", "client") },
    },
    originations: [{ router: "owner", prefix: blocks.owner }],
  };
}

function fileOf(kind: string, router: RouterKind, guards: object, secret: boolean): string {
  const raw = {
    network: { supernet: "192.168.0.0/16", nodes: laneSegments.east, asn, ...guards },
    reflectors: { rr: { kind, address: places.rr } },
    coes: {
      kubernetes: {
        kind: "kubernetes",
        podCidr: "192.168.0.0/16",
        policy: "open",
        access: { kubeconfig: "nowhere" },
        nodes: { owner: { address: places.owner }, node: { address: places.node } },
      },
    },
  };
  const secrets = secret ? { secrets: { bgpPasswords: { kubernetes: "any" } } } : {};
  const plan = makePlan(parseConfig(raw, secrets));
  const reflector = plan.reflectors.rr;
  if (reflector === undefined) throw new Error("no reflector in the plan");
  return router.withPasswords(router.render(plan, reflector), { kubernetes: password });
}

/** What the reflector has, once the pod has announced another node's block as that node would. */
async function attack(network: Network): Promise<() => Promise<string>> {
  const add = ["global", "rib", "add", blocks.stolen, "nexthop", places.node, "origin", "igp"];
  await waitFor({ what: "the pod's gobgpd", timeoutMs: 60_000, intervalMs: 100 }, () =>
    lane.gobgp(network, "pod", ...add).then(
      () => ({ done: true, value: undefined }) as const,
      (error: Error) => ({ done: false, seen: error.message }) as const,
    ),
  );
  return async () => {
    const seen = lane.look(network, "rr").catch(() => ({ table: {}, established: 0 }));
    const { table, established } = await seen;
    return `${established} sessions: ${Object.keys(table).sort().join(", ")}`;
  };
}

const until = untilWithin(60_000);

/** What the owner's BIRD says beside, and the counter of the packets that the reflector's kernel drops of the pod. */
const guards = {
  "TTL security": {
    network: { ttlSecurity: true },
    secret: false,
    owner: (text: string) => text.replaceAll("multihop;", "ttl security on;\nmultihop 1;"),
    counter: "TCPMinTTLDrop",
  },
  "a password": {
    network: {},
    secret: true,
    owner: (text: string) => text.replaceAll("multihop;", `multihop;\npassword "${password}";`),
    counter: "TCPMD5NotFound",
  },
};

describe.each(Object.entries(routerKinds))("a reflector of kind %s", (kind, router) => {
  test("takes a pod behind its node's NAT for the node", async () => {
    const network = networkOf(kind);
    await lane.start(network, { rr: fileOf(kind, router, {}, false) });
    const seen = await attack(network);
    await until("the pod's session", seen, `2 sessions: ${blocks.owner}, ${blocks.stolen}`);
  }, 90_000);

  test.each(Object.entries(guards))(
    "has no session with it where there is %s",
    async (_, { network: more, secret, owner, counter }) => {
      const network = networkOf(kind);
      const before = await lane.counter(network, "rr", counter);
      await lane.start(network, {
        rr: fileOf(kind, router, more, secret),
        owner: owner(birdConfig(network, "owner", 1)),
      });
      const seen = await attack(network);
      const dropped = async () =>
        (await lane.counter(network, "rr", counter)) > before ? "dropped" : "nothing dropped";
      await until("packets of the pod", dropped, "dropped");
      await until("the owner's session alone", seen, `1 sessions: ${blocks.owner}`);
    },
    90_000,
  );
});
