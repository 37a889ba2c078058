import { routerTraits } from "../../../components/kinds/traits";
import {
  endsBefore,
  type Network,
  type Router,
  type SessionSide,
  settle,
  topologyOf,
} from "../../../plan/propagation";
import { disagreements } from "../../helpers/bgp/fixtures";
import { allTraits, expectedTables } from "../../helpers/bgp/judge";

// The same networks are run with the daemons themselves in test/alone/bgp-model.test.ts.
test.each(disagreements())("$name: $why", ({ network, tables }) => {
  expect(expectedTables(network)).toEqual(tables);
});

const segments = { east: "10.1.1.0/24", west: "10.1.2.0/24" };
const block = "192.168.0.0/26";

const router = (id: number, asn: number, more: Partial<Router> = {}): Router => ({
  asn,
  routerId: `9.9.0.${id}`,
  kind: "bird",
  links: [{ segment: "east", address: `10.1.1.${id}` }],
  ...more,
});
const west = (id: number) => [{ segment: "west", address: `10.1.2.${id}` }];

type Ends = Readonly<Record<string, readonly [Partial<SessionSide>, Partial<SessionSide>]>>;

/** A network whose sessions are named after their ends, as `a-b`. */
function networkOf(routers: Readonly<Record<string, Router>>, ends: Ends): Network {
  const side = (id: string, more: Partial<SessionSide>): SessionSide => ({
    router: id,
    address: routers[id]?.links[0]?.address ?? "",
    role: "peer",
    ...more,
  });
  const sessions = Object.entries(ends).map(([name, [a, b]]) => {
    const [one = "", other = ""] = name.split("-");
    return [name, { a: side(one, a), b: side(other, b) }] as const;
  });
  return { segments, routers, sessions: Object.fromEntries(sessions), originations: [] };
}

/** What becomes of the block of `o` on its way to `x`. */
function ask(network: Network) {
  const topology = topologyOf(network, allTraits);
  const outcome = settle(topology, block, ["o"]);
  return { outcome, ends: endsBefore(topology, outcome, "o", "x").map(({ reason }) => reason) };
}

const chain = (ends: Ends, more: Readonly<Record<string, Router>> = {}) =>
  networkOf({ o: router(1, 65001), b: router(2, 65002), x: router(3, 65003), ...more }, ends);

test.each<[string, Network, string]>([
  [
    "own AS",
    chain({ "b-o": [{}, {}], "b-x": [{}, {}] }, { x: router(3, 65001) }),
    "x finds its own AS 65001 in the AS path 65002 65001",
  ],
  [
    "receiver's AS",
    chain(
      { "b-o": [{}, {}], "b-x": [{}, {}] },
      { b: router(2, 65002, { kind: "gobgp" }), x: router(3, 65001) },
    ),
    "b sends no path with the receiver's AS 65001 in it",
  ],
  [
    "not a client",
    chain({ "b-o": [{}, {}], "b-x": [{}, {}] }, { b: router(2, 65001), x: router(3, 65001) }),
    "neither o nor x is a reflector client",
  ],
  [
    "prefix not accepted",
    chain({
      "b-o": [{}, {}],
      "b-x": [
        {},
        { accepts: { prefixes: [{ cidr: "192.168.0.0/17", minLength: 27, maxLength: 32 }] } },
      ],
    }),
    "x does not accept the prefix 192.168.0.0/26",
  ],
  [
    "next hop not accepted",
    chain({
      "b-o": [{}, {}],
      "b-x": [{ nextHop: "keep" }, { accepts: { nextHops: ["10.1.1.2"] } }],
    }),
    "x does not accept the next hop 10.1.1.1",
  ],
  [
    "path too long",
    chain({ "b-o": [{}, {}], "b-x": [{}, { accepts: { longestPath: 1 } }] }),
    "x does not accept the AS path 65002 65001, which is longer than 1",
  ],
  [
    "next hop off the segments",
    chain(
      { "b-o": [{}, {}], "b-x": [{ address: "10.1.1.2", nextHop: "keep" }, {}] },
      {
        o: router(1, 65001, { links: west(1) }),
        b: router(2, 65002, {
          links: [...west(2), { segment: "east", address: "10.1.1.2" }],
        }),
      },
    ),
    "x finds the next hop 10.1.2.1 on no segment of its own",
  ],
  ["no session", chain({ "b-o": [{}, {}] }), "b has no session with x"],
  [
    "NO_ADVERTISE",
    chain({ "b-o": [{}, { noAdvertise: true }], "b-x": [{}, {}] }),
    "b passes on no path with NO_ADVERTISE",
  ],
])("a path ends, and why: %s", (_, network, reason) => {
  expect(ask(network).ends).toEqual([reason]);
});

test("a next hop that nothing leads to: no path for FRR, and one it cannot use for BIRD", () => {
  const far = (kind: string) =>
    networkOf(
      {
        o: router(1, 65001, { links: west(1) }),
        b: router(2, 65001, { links: [{ segment: "east", address: "10.1.1.2" }, ...west(2)] }),
        x: router(3, 65001, { kind }),
      },
      {
        "b-o": [{ address: "10.1.2.2", role: "reflector" }, { role: "client" }],
        "b-x": [{ role: "reflector" }, { role: "client" }],
      },
    );
  for (const kind of ["frr", "bird"])
    expect(ask(far(kind)).ends).toEqual(["x has no route to the next hop 10.1.2.1"]);
  expect(ask(far("frr")).outcome.paths.has("x")).toBe(false);
  expect(ask(far("bird")).outcome.paths.has("x")).toBe(true);
  expect(ask(far("gobgp")).ends).toEqual(["x has no route to the next hop 10.1.2.1"]);
});

test("a session that cannot come up carries nothing", () => {
  const apart = (gateway?: string) =>
    networkOf(
      {
        o: router(1, 65001, { links: west(1), ...(gateway === undefined ? {} : { gateway }) }),
        x: router(3, 65003, { gateway: "10.1.1.254" }),
      },
      { "o-x": [{}, {}] },
    );
  expect(ask(apart()).ends).toEqual(["o has no route to 10.1.1.3"]);
  expect(ask(apart("10.1.2.254")).ends).toEqual([
    "o takes x, in another AS, for one hop away, and it is not",
  ]);
});

test("two reflectors of one cluster take no path from each other", () => {
  const reflectors = networkOf(
    {
      o: router(1, 65001),
      r: router(2, 65001, { kind: "frr", clusterId: "7.7.7.7" }),
      s: router(3, 65001, { kind: "frr", clusterId: "7.7.7.7" }),
    },
    {
      "r-o": [{ role: "reflector" }, { role: "client" }],
      "s-o": [{ role: "reflector" }, { role: "client" }],
      "r-s": [{}, {}],
    },
  );
  const { outcome } = ask(reflectors);
  expect(outcome.ends.map(({ reason }) => reason)).toEqual([
    "r sends no path back to o",
    "r finds its own cluster-id 7.7.7.7 in the path's CLUSTER_LIST",
    "s finds its own cluster-id 7.7.7.7 in the path's CLUSTER_LIST",
    "s sends no path back to o",
  ]);
  expect(outcome.paths.get("r")?.map(({ over }) => over)).toEqual([["r-o"]]);
});

test("several paths go to a neighbour that may have them", () => {
  const star = (paths: number) =>
    networkOf(
      {
        o: router(1, 65001),
        p: router(4, 65001),
        r: router(2, 65001, { kind: "gobgp" }),
        x: router(3, 65001, { kind: "calico" }),
      },
      {
        "r-o": [{ role: "reflector" }, { role: "client" }],
        "r-p": [{ role: "reflector" }, { role: "client" }],
        "r-x": [{ role: "reflector", paths }, { role: "client" }],
      },
    );
  const hops = (paths: number) =>
    settle(topologyOf(star(paths), routerTraits), block, ["o", "p"])
      .paths.get("x")
      ?.map(({ nextHop, originatorId, clusterList }) => [nextHop, originatorId, ...clusterList]);
  const [first, second] = [
    ["10.1.1.1", "9.9.0.1", "9.9.0.2"],
    ["10.1.1.4", "9.9.0.4", "9.9.0.2"],
  ];
  expect(hops(1)).toEqual([first]);
  expect(hops(8)).toEqual([first, second]);
});

/** RFC 3345's kind: each of three prefers the way by its neighbour to its own. */
test("routers that never come to rest are told, and the model comes to an end", () => {
  const prefer = (name: string) => ({ accepts: { localPref: 200, longestPath: 2 }, router: name });
  const gadget = networkOf(
    { o: router(1, 65001), b: router(2, 65002), c: router(3, 65003), d: router(4, 65004) },
    {
      "o-b": [{}, {}],
      "o-c": [{}, {}],
      "o-d": [{}, {}],
      "b-c": [prefer("b"), { accepts: { prefixes: [] } }],
      "c-d": [prefer("c"), { accepts: { prefixes: [] } }],
      "d-b": [prefer("d"), { accepts: { prefixes: [] } }],
    },
  );
  expect(settle(topologyOf(gadget, allTraits), block, ["o"]).restless).toBe(true);
  expect(expectedTables({ ...gadget, originations: [{ router: "o", prefix: block }] })).toBe(
    undefined,
  );
});
