import { renderBird } from "../../../components/reflector/bird/conf";
import { renderFrr } from "../../../components/reflector/frr/conf";
import { routerConfig } from "../../../components/reflector/routing";
import type { Plan } from "../../../plan/types";
import { judgeBird } from "../../helpers/bird";
import { judgeFrr } from "../../helpers/frr";
import { rackPlan, twoRacks } from "../../helpers/racks";

const plan = rackPlan();
const apart = rackPlan({
  ...twoRacks,
  reflectors: {
    "tor-1": { ...twoRacks.reflectors["tor-1"], asn: 64512 },
    "tor-2": { ...twoRacks.reflectors["tor-2"], asn: 64513 },
  },
});
const configOf = (of: Plan) => {
  const router = of.reflectors["tor-1"];
  if (router === undefined) throw new Error("no tor-1");
  return routerConfig(of, router);
};

const partOf = (text: string, pattern: RegExp) =>
  text
    .split("\n")
    .filter((line) => pattern.test(line))
    .map((line) => line.trim());

test("FRR writes itself as next hop, but for what is in its rack towards nodes of the rack", () => {
  const text = renderFrr(configOf(plan));
  expect(partOf(text, /next-hop|allow-outbound|^route-map to-/)).toEqual([
    "route-map to-all permit 1",
    "bgp route-reflector allow-outbound-policy",
    "match ip next-hop address 10.1.2.1",
    "route-map to-10.1.2.1 permit 2",
    "set ip next-hop 10.1.1.1",
    "match ip next-hop address 10.1.1.11",
    "route-map to-10.1.1.11 permit 1",
    "match ip next-hop prefix-list to-10.1.1.11",
    "route-map to-10.1.1.11 permit 2",
    "set ip next-hop 10.1.1.1",
    "match ip next-hop address 10.1.1.12",
    "route-map to-10.1.1.12 permit 1",
    "match ip next-hop prefix-list to-10.1.1.12",
    "route-map to-10.1.1.12 permit 2",
    "set ip next-hop 10.1.1.1",
  ]);
  expect(partOf(text, /^ip prefix-list to-/)).toEqual([
    "ip prefix-list to-10.1.1.11 seq 1 permit 10.1.1.0/24 le 32",
    "ip prefix-list to-10.1.1.12 seq 1 permit 10.1.1.0/24 le 32",
  ]);
  expect(partOf(text, /route-reflector-client/)).toEqual([
    "neighbor 10.1.1.11 route-reflector-client",
    "neighbor 10.1.1.12 route-reflector-client",
  ]);
});

test("BIRD does the same", () => {
  expect(partOf(renderBird(configOf(plan)), /bgp_next_hop = 10/)).toEqual([
    "bgp_next_hop = 10.1.1.1;",
    "if bgp_next_hop !~ [ 10.1.1.0/24+ ] then bgp_next_hop = 10.1.1.1;",
    "if bgp_next_hop !~ [ 10.1.1.0/24+ ] then bgp_next_hop = 10.1.1.1;",
  ]);
});

test("routers of racks in two ASs know that they are several hops apart, and tell each other of nodes in a third", () => {
  const config = configOf(apart);
  const text = renderFrr(config);
  expect(partOf(text, /ebgp-multihop|attribute-unchanged/)).toEqual([
    "neighbor 10.1.2.1 ebgp-multihop 64",
  ]);
  expect(partOf(text, /as-path access-list from-10.1.2.1/)).toEqual([
    "bgp as-path access-list from-10.1.2.1 seq 1 permit ^([0-9]+( [0-9]+)?)?$",
  ]);
  expect(partOf(text, /no-advertise/)).toHaveLength(4);
  expect(partOf(renderBird(config), /^ {2}multihop/)).toEqual([
    "multihop;",
    "multihop 1;",
    "multihop 1;",
  ]);
});

test.each([
  ["in one AS", plan],
  ["in two ASs", apart],
])(
  "real parsers take the configuration of racks %s",
  async (_, of) => {
    expect(await judgeFrr(renderFrr(configOf(of)))).toBeUndefined();
    expect(await judgeBird(renderBird(configOf(of)))).toBeUndefined();
  },
  60_000,
);
