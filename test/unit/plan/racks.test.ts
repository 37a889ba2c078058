import { coeModels } from "../../../components/kinds/models";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { routerTraits } from "../../../components/kinds/traits";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { topologyGraph } from "../../../graph/topology";
import { planDocument, renderPlan } from "../../../plan";
import { planDocumentSchema } from "../../../plan/document";
import { settle, topologyOf } from "../../../plan/propagation";
import { networkOf } from "../../../plan/propagation/from-plan";
import { tripOf } from "../../../plan/propagation/trip";
import type { Plan } from "../../../plan/types";
import { routersBetween } from "../../../verify/seen/trips";
import { rackPlan, twoRacks } from "../../helpers/racks";

const plan = rackPlan();
const tripIn = (of: Plan, from: string, to: string, traits = routerTraits) => {
  const topology = topologyOf(networkOf(of), traits);
  return tripOf(topology, settle(topology, "10.64.7.0/26", [to]), from, to);
};

test("a plan has its racks, and nodes and routers have theirs", () => {
  expect(plan.racks).toEqual({
    "rack-1": { name: "rack-1", cidr: "10.1.1.0/24", gateway: "10.1.1.1" },
    "rack-2": { name: "rack-2", cidr: "10.1.2.0/24", gateway: "10.1.2.1" },
  });
  expect(plan.nodeNetwork).toEqual(["10.1.1.0/24", "10.1.2.0/24"]);
  expect(plan.coes.blue?.nodes["blue-2"]?.rack).toBe("rack-2");
  expect(plan.reflectors["tor-1"]?.rack).toBe("rack-1");
  expect(planDocumentSchema.parse(JSON.parse(JSON.stringify(planDocument(plan))))).toEqual(plan);
});

test("the router of a rack has sessions with the rack's nodes and with the routers of other racks", () => {
  expect(Object.keys(plan.sessions)).toEqual([
    "tor-1--tor-2",
    "tor-1/blue/blue-1",
    "tor-1/green/green-1",
    "tor-2/blue/blue-2",
    "tor-2/green/green-2",
  ]);
  const self = { nextHopSelf: true, timers: { hold: 90, keepalive: 30 } };
  expect(plan.sessions["tor-1--tor-2"]).toMatchObject({
    a: { id: "tor-1", role: "peer", ...self },
    b: { id: "tor-2", role: "peer", ...self },
  });
  expect(plan.sessions["tor-1/blue/blue-1"]?.a).toMatchObject({ role: "reflector", ...self });
});

test("a rack's router accepts of another one what that accepts of its own nodes, with it as next hop", () => {
  expect(plan.fences["tor-2"]).toEqual({
    node: "tor-2",
    address: "10.1.2.1",
    prefixes: [
      ...(plan.fences["blue/blue-2"]?.prefixes ?? []),
      ...(plan.fences["green/green-2"]?.prefixes ?? []),
    ],
    longestPath: 0,
  });
});

test("only nodes of its rack are told of a router", () => {
  const { peers } = calicoObjects(calicoPlan(plan, "blue"));
  expect(
    Object.values(peers).map(({ metadata, spec }) => [metadata.name, spec.node, spec.peerIP]),
  ).toEqual([
    ["10-1-1-1.blue-1", "blue-1", "10.1.1.1"],
    ["10-1-2-1.blue-2", "blue-2", "10.1.2.1"],
  ]);
});

test("packets go from node to node in a rack, and by both routers to another rack", () => {
  expect(tripIn(plan, "green/green-1", "blue/blue-1")).toEqual({
    hops: ["10.1.1.11"],
    gateways: [],
  });
  expect(tripIn(plan, "green/green-1", "blue/blue-2")).toEqual({
    hops: ["10.1.1.1", "10.1.2.1", "10.1.2.11"],
    gateways: [],
  });
});

test("in an AS for each server, packets take the same way", () => {
  const asns = { "blue-1": 64521, "blue-2": 64522, "green-1": 64523, "green-2": 64524 };
  const nodes = (of: object) =>
    Object.fromEntries(
      Object.entries(of).map(([name, node]) => [
        name,
        { ...node, asn: Object.entries(asns).find(([one]) => one === name)?.[1] },
      ]),
    );
  const { reflectors, coes } = twoRacks;
  const made = rackPlan({
    ...twoRacks,
    reflectors: {
      "tor-1": { ...reflectors["tor-1"], asn: 64512 },
      "tor-2": { ...reflectors["tor-2"], asn: 64513 },
    },
    coes: {
      blue: { ...coes.blue, nodes: nodes(coes.blue.nodes) },
      green: { ...coes.green, nodes: nodes(coes.green.nodes) },
    },
  });
  expect(made.fences["tor-1"]?.longestPath).toBe(2);
  expect(made.sessions["tor-1--tor-2"]?.a.multihop).toBe(true);
  expect(made.sessions["tor-1/blue/blue-1"]?.a).not.toHaveProperty("multihop");
  expect(tripIn(made, "green/green-1", "blue/blue-2").hops).toEqual([
    "10.1.1.1",
    "10.1.2.1",
    "10.1.2.11",
  ]);
});

test("without routers of racks, packets go by the gateway, which the plan does not have", () => {
  const central = makePlan(
    parseConfig({ ...twoRacks, reflectors: { central: { kind: "gobgp", address: "10.1.1.5" } } }),
  );
  expect(tripIn(central, "green/green-1", "blue/blue-2")).toEqual({
    hops: ["10.1.1.1", "10.1.2.11"],
    gateways: ["10.1.1.1"],
  });
});

test("packets that come back to a router go round", () => {
  const topology = topologyOf(networkOf(plan), routerTraits);
  const outcome = settle(topology, "10.64.7.0/26", ["blue/blue-2"]);
  const [back] = outcome.paths.get("green/green-1") ?? [];
  const paths = new Map(outcome.paths);
  if (back !== undefined) paths.set("tor-1", [{ ...back, nextHop: "10.1.1.12" }]);
  expect(tripOf(topology, { ...outcome, paths }, "green/green-1", "blue/blue-2")).toEqual({
    hops: ["10.1.1.1", "10.1.1.12"],
    gateways: [],
    end: "packets come to green/green-1 again",
  });
});

test("plan prints the racks, and explain and graph say by which routers packets go", () => {
  const lines = renderPlan(plan, coeModels);
  const at = lines.findIndex((line) => line.startsWith("RACK"));
  expect(lines.slice(at, at + 3).map((line) => line.trimEnd())).toEqual([
    "RACK    ADDRESSES    GATEWAY   NODES  ROUTERS",
    "rack-1  10.1.1.0/24  10.1.1.1      2  tor-1",
    "rack-2  10.1.2.0/24  10.1.2.1      2  tor-2",
  ]);
  const { nodes, edges, notes } = topologyGraph(plan);
  expect(notes).toEqual(["Racks: rack-1 10.1.1.0/24, rack-2 10.1.2.0/24"]);
  expect(nodes.map(({ lines }) => lines.join("; "))).toContain(
    "tor-1; frr, 10.1.1.1; AS 64511; router of rack-1",
  );
  expect(edges.map(({ from, to }) => `${from} - ${to}`)).toContain(
    "reflector tor-1 - reflector tor-2",
  );
});

test("verify lets a packet pass two nodes in a rack, and their routers between racks", () => {
  const [source, coe] = [plan.coes.green?.nodes["green-1"], plan.coes.blue];
  if (source === undefined || coe === undefined) throw new Error("not in the plan");
  expect(routersBetween(plan, source, coe, "blue/blue-1")).toBe(2);
  expect(routersBetween(plan, source, coe, "blue/blue-2")).toBe(4);
  const without = makePlan(
    parseConfig({ ...twoRacks, reflectors: { central: { kind: "gobgp", address: "10.1.1.5" } } }),
  );
  expect(routersBetween(without, source, coe, "blue/blue-2")).toBeUndefined();
});
