import { coeModels } from "../../../components/kinds/models";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { routerTraits } from "../../../components/kinds/traits";
import { renderExternal } from "../../../components/reflector/external/render";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { topologyGraph } from "../../../graph/topology";
import { type Plan, planDocument, renderPlan } from "../../../plan";
import { planDocumentSchema } from "../../../plan/document";
import { settle, topologyOf } from "../../../plan/propagation";
import { networkOf } from "../../../plan/propagation/from-plan";
import { tripOf } from "../../../plan/propagation/trip";
import { dualRacks, rackPlan, twoRacks } from "../../helpers/racks";

const plan = rackPlan(dualRacks);
const tripIn = (of: Plan, prefix: string) => {
  const topology = topologyOf(networkOf(of), routerTraits);
  const to = "blue/blue-2";
  return tripOf(topology, settle(topology, prefix, [to]), "green/green-1", to);
};

test("racks have both families, and the plan can be read back", () => {
  expect(plan.racks).toEqual({
    "rack-1": {
      name: "rack-1",
      cidr: ["10.1.1.0/24", "2001:db8:1::/64"],
      gateway: "10.1.1.1",
      gateway6: "2001:db8:1::1",
    },
    "rack-2": {
      name: "rack-2",
      cidr: ["10.1.2.0/24", "2001:db8:2::/64"],
      gateway: "10.1.2.1",
      gateway6: "2001:db8:2::1",
    },
  });
  expect(plan.nodeNetwork).toEqual([
    "10.1.1.0/24",
    "2001:db8:1::/64",
    "10.1.2.0/24",
    "2001:db8:2::/64",
  ]);
  expect(planDocumentSchema.parse(JSON.parse(JSON.stringify(planDocument(plan))))).toEqual(plan);
});

test("routers of racks have a session of each family with their nodes and with each other", () => {
  const ends = Object.values(plan.sessions)
    .filter(({ a }) => a.id === "tor-1")
    .map(({ name, a, b, families }) => [name, a.address, b.address, families.join()]);
  const [six, own] = ["ipv6-unicast", "2001:db8:1::1"];
  const four = "ipv4-unicast";
  expect(ends).toEqual([
    ["tor-1--tor-2", "10.1.1.1", "10.1.2.1", four],
    ["tor-1--tor-2/ipv6", own, "2001:db8:2::1", six],
    ["tor-1/blue/blue-1", "10.1.1.1", "10.1.1.11", four],
    ["tor-1/blue/blue-1/ipv6", own, "2001:db8:1::11", six],
    ["tor-1/green/green-1", "10.1.1.1", "10.1.1.12", four],
    ["tor-1/green/green-1/ipv6", own, "2001:db8:1::12", six],
  ]);
});

test("a rack's router accepts of another one what that has of its nodes, in each family", () => {
  expect(plan.fences["tor-2/ipv6"]).toEqual({
    node: "tor-2",
    address: "2001:db8:2::1",
    prefixes: [
      ...(plan.fences["blue/blue-2/ipv6"]?.prefixes ?? []),
      ...(plan.fences["green/green-2/ipv6"]?.prefixes ?? []),
    ],
    longestPath: 0,
  });
});

test("only nodes of its rack are told of a router, in each family", () => {
  const { peers } = calicoObjects(calicoPlan(plan, "blue"));
  expect(
    Object.values(peers).map(({ metadata, spec }) => [metadata.name, spec.node, spec.peerIP]),
  ).toEqual([
    ["2001-db8-1--1.blue-1", "blue-1", "2001:db8:1::1"],
    ["10-1-1-1.blue-1", "blue-1", "10.1.1.1"],
    ["2001-db8-2--1.blue-2", "blue-2", "2001:db8:2::1"],
    ["10-1-2-1.blue-2", "blue-2", "10.1.2.1"],
  ]);
});

test("packets of both families go by the routers of both racks", () => {
  expect(tripIn(plan, "10.64.7.0/26").hops).toEqual(["10.1.1.1", "10.1.2.1", "10.1.2.11"]);
  expect(tripIn(plan, "2001:db8:64::/122").hops).toEqual([
    "2001:db8:1::1",
    "2001:db8:2::1",
    "2001:db8:2::11",
  ]);
});

test("without routers of racks the gateway of each family has to have routes of its own", () => {
  const rr = { kind: "gobgp", address: "10.1.1.5", address6: "2001:db8:1::5" };
  const of = rackPlan({ ...dualRacks, reflectors: { rr } });
  expect([tripIn(of, "10.64.7.0/26"), tripIn(of, "2001:db8:64::/122")]).toEqual([
    { hops: ["10.1.1.1", "10.1.2.11"], gateways: ["10.1.1.1"] },
    { hops: ["2001:db8:1::1", "2001:db8:2::11"], gateways: ["2001:db8:1::1"] },
  ]);
});

test("a router keeps next hops of its own segment and writes itself for others, in each family", () => {
  const { "tor-1": router } = plan.reflectors;
  if (router === undefined) throw new Error("no tor-1");
  const text = renderExternal(plan, { ...router, dialect: "frr" });
  expect(text).toContain(`ipv6 prefix-list to-2001:db8:1::11 seq 1 permit 2001:db8:1::/64 le 128
route-map to-2001:db8:1::11 permit 1
 match ipv6 next-hop prefix-list to-2001:db8:1::11
exit
route-map to-2001:db8:1::11 permit 2
 set ipv6 next-hop global 2001:db8:1::1
exit
`);
});

test("people see both families of a rack", () => {
  const lines = renderPlan(plan, coeModels);
  expect(lines.filter((line) => /^(RACK|rack-1) /.test(line))).toEqual([
    "RACK    ADDRESSES                     GATEWAY                  NODES  ROUTERS",
    "rack-1  10.1.1.0/24, 2001:db8:1::/64  10.1.1.1, 2001:db8:1::1      2  tor-1",
  ]);
  expect(topologyGraph(plan, 50).notes).toEqual([
    "Racks: rack-1 10.1.1.0/24 and 2001:db8:1::/64, rack-2 10.1.2.0/24 and 2001:db8:2::/64",
  ]);
});

test("one line gives racks, their gateways and their routers IPv6, too", () => {
  const routers = Object.fromEntries(
    Object.entries(twoRacks.reflectors).map(([name, one]) => [
      name,
      { ...one, kind: "external", dialect: "frr" },
    ]),
  );
  const network = { ...twoRacks.network, ipv6: "2001:db8::/96" };
  const of = makePlan(parseConfig({ ...twoRacks, network, reflectors: routers }));
  expect(of.racks?.["rack-2"]).toEqual({
    name: "rack-2",
    cidr: ["10.1.2.0/24", "2001:db8::a01:200/120"],
    gateway: "10.1.2.1",
    gateway6: "2001:db8::a01:201",
  });
  expect(of.reflectors["tor-2"]?.address6).toBe("2001:db8::a01:201");
  expect(of.sessions["tor-1--tor-2/ipv6"]?.b.address).toBe("2001:db8::a01:201");
});

test("an FRR that is there carries nothing but IPv6 on sessions of IPv6: its route maps are about that", () => {
  const { "tor-1": router } = plan.reflectors;
  if (router === undefined) throw new Error("no tor-1");
  const text = renderExternal(plan, { ...router, dialect: "frr" });
  const without = [
    ...text.matchAll(
      / address-family ipv4 unicast\n {2}no neighbor (\S+) activate\n exit-address-family\n/g,
    ),
  ].map(([, address]) => address);
  expect(without).toEqual(["2001:db8:2::1", "2001:db8:1::11", "2001:db8:1::12"]);
});
