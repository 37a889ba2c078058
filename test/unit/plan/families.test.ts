import { makePlan, parseConfig, renderPlan } from "../../../components/kinds/planning";
import { routerTraits } from "../../../components/kinds/traits";
import { renderExternal } from "../../../components/reflector/external/render";
import { gobgpConfig } from "../../../components/reflector/gobgp/config";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { planDocument, subnetTable } from "../../../plan";
import { planDocumentSchema } from "../../../plan/document";
import { deadEnds } from "../../../plan/propagation";
import { anyPlanSchema, asVersion1 } from "../../../plan/version1";
import { withOlderTimers } from "../../helpers/sessions";

/** A COE with both families, one with IPv4 alone, and one with IPv6 alone that only the first reaches. */
function planWith(more: Readonly<Record<string, unknown>> = {}) {
  const access = { kubeconfig: "/nowhere" };
  return makePlan(
    parseConfig({
      network: { nodes: ["172.16.18.0/24", "2001:db8:18::/64"], asn: 64511 },
      reflectors: {
        rr: { kind: "gobgp", address: "172.16.18.32", address6: "2001:db8:18::32" },
        old: { kind: "gobgp", address: "172.16.18.31" },
      },
      coes: {
        both: {
          ...{ kind: "kubernetes", policy: "open", access, natOutgoing: true },
          podCidr: ["192.168.0.0/17", "2001:db8:1::/64"],
          serviceCidr: ["10.96.0.0/16", "2001:db8:96::/112"],
          announceServices: true,
          loadBalancerCidr: ["10.97.0.0/24", "2001:db8:97::/120"],
          blockSize6: 124,
          names: { zones: ["both.example"] },
          nodes: { a: { address: "172.16.18.33", address6: "2001:db8:18::33" } },
        },
        four: {
          ...{ kind: "kubernetes", policy: "open", access, podCidr: "192.168.128.0/17" },
          nodes: { b: { address: "172.16.18.34" } },
        },
        ...more,
      },
    }),
  );
}
const plan = planWith();

test("each family has a session of its own, with the reflectors that have an address of it", () => {
  expect(
    Object.values(plan.sessions).map(({ name, a, b, families }) => [
      name,
      a.address,
      b.address,
      families.join(),
    ]),
  ).toEqual([
    ["old/both/a", "172.16.18.31", "172.16.18.33", "ipv4-unicast"],
    ["old/four/b", "172.16.18.31", "172.16.18.34", "ipv4-unicast"],
    ["rr/both/a", "172.16.18.32", "172.16.18.33", "ipv4-unicast"],
    ["rr/both/a/ipv6", "2001:db8:18::32", "2001:db8:18::33", "ipv6-unicast"],
    ["rr/four/b", "172.16.18.32", "172.16.18.34", "ipv4-unicast"],
  ]);
});

/** Pieces of one length, and single addresses. */
const pieces = (cidr: string, length: number) =>
  [length, cidr.includes(":") ? 128 : 32].map((only) => ({
    ...{ cidr, minLength: only, maxLength: only },
  }));

test("what reflectors accept is apart by family, with a next hop of it", () => {
  expect(plan.fences).toEqual({
    "both/a": {
      node: "both/a",
      address: "172.16.18.33",
      prefixes: [
        ...pieces("192.168.0.0/17", 26),
        ...pieces("10.96.0.0/16", 16),
        ...pieces("10.97.0.0/24", 24),
      ],
    },
    "both/a/ipv6": {
      node: "both/a",
      address: "2001:db8:18::33",
      prefixes: [
        ...pieces("2001:db8:1::/64", 124),
        ...pieces("2001:db8:96::/112", 112),
        ...pieces("2001:db8:97::/120", 120),
      ],
    },
    "four/b": {
      node: "four/b",
      address: "172.16.18.34",
      prefixes: pieces("192.168.128.0/17", 26),
    },
  });
});

test("a plan of both families is printed, and what is printed is read back", () => {
  const text = renderPlan(plan).join("\n");
  expect(text).toContain("512 x /26, 2^60 x /124");
  expect(text).toContain("172.16.18.33, 2001:db8:18::33");
  expect(subnetTable(plan).both?.nodes).toEqual({ a: "172.16.18.33, 2001:db8:18::33" });
  expect(planDocumentSchema.parse(JSON.parse(JSON.stringify(planDocument(plan))))).toEqual(plan);
});

test("steps whose input is as it was before are given the sessions of both families", () => {
  const read = anyPlanSchema.parse(JSON.parse(JSON.stringify(asVersion1(plan))));
  expect(read.sessions).toEqual(withOlderTimers(plan).sessions);
});

test("names are asked for where the first range has the name server, by COEs that have its family", () => {
  expect(plan.coes.both?.names?.servers).toEqual(["10.96.0.10:53"]);
  expect(plan.coes.four?.forwards).toEqual({ "both.example": ["10.96.0.10:53"] });
});

test("Calico's objects: a pool and a peer of each family, no NAT in IPv6", () => {
  const { pools, ranges, peers, configuration } = calicoObjects(calicoPlan(plan, "both"));
  expect(Object.values(pools).map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
    ["192-168-0-0-17", expect.objectContaining({ blockSize: 26, natOutgoing: true })],
    [
      "2001-db8-1---64",
      {
        cidr: "2001:db8:1::/64",
        blockSize: 124,
        natOutgoing: false,
        nodeSelector: "all()",
        ipipMode: "Never",
        vxlanMode: "Never",
      },
    ],
  ]);
  expect(Object.keys(ranges)).toEqual([
    "four-192-168-128-0-17",
    "load-balancers",
    "load-balancers-ipv6",
  ]);
  expect(Object.entries(peers).map(([part, { metadata, spec }]) => [part, metadata, spec])).toEqual(
    [
      ["old", { name: "172-16-18-31" }, { asNumber: 64511, peerIP: "172.16.18.31" }],
      ["rr", { name: "172-16-18-32" }, { asNumber: 64511, peerIP: "172.16.18.32" }],
      ["rr.ipv6", { name: "2001-db8-18--32" }, { asNumber: 64511, peerIP: "2001:db8:18::32" }],
    ],
  );
  expect(configuration.spec).toMatchObject({
    serviceClusterIPs: [{ cidr: "10.96.0.0/16" }, { cidr: "2001:db8:96::/112" }],
    serviceLoadBalancerIPs: [{ cidr: "10.97.0.0/24" }, { cidr: "2001:db8:97::/120" }],
  });
});

test("a reflector without an IPv4 address has the BGP identifier of the configuration", () => {
  const six = makePlan(
    parseConfig({
      network: { nodes: "2001:db8:18::/64", asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "2001:db8:18::32", routerId: "10.0.0.32" } },
      coes: {
        one: {
          ...{ kind: "kubernetes", policy: "open", access: { kubeconfig: "/nowhere" } },
          podCidr: "2001:db8:1::/64",
          nodes: { a: { address: "2001:db8:18::33" }, b: { address: "2001:db8:18::34" } },
        },
      },
    }),
  );
  const { rr } = six.reflectors;
  if (rr === undefined) throw new Error("no reflector in the plan");
  expect(Object.keys(six.sessions)).toEqual(["rr/one/a/ipv6", "rr/one/b/ipv6"]);
  expect(rr).toMatchObject({ routerId: "10.0.0.32", clusterId: "10.0.0.32" });
  expect(gobgpConfig(six, rr).global.config).toEqual({
    as: 64511,
    "router-id": "10.0.0.32",
    "local-address-list": ["2001:db8:18::32"],
  });
});

test("a family in which paths end is a dead end, whatever the other one does", () => {
  const two = planWith({
    more: {
      ...{ kind: "kubernetes", policy: "open", access: { kubeconfig: "/nowhere" } },
      podCidr: ["10.64.0.0/16", "2001:db8:2::/64"],
      nodes: { c: { address: "172.16.18.35", address6: "2001:db8:18::35" } },
    },
  });
  expect(deadEnds(two, routerTraits)).toEqual([]);
  const { "both/a/ipv6": _, ...fences } = two.fences;
  expect(deadEnds({ ...two, fences }, routerTraits)).toEqual([
    {
      from: "both/a",
      to: "more/c",
      session: "rr/both/a/ipv6",
      reason: "rr does not accept the prefix 2001:db8:1::/124",
    },
  ]);
});

test("a Junos router has the address and the family of each session where it has both", () => {
  const router = {
    name: "mx",
    kind: "external",
    dialect: "junos" as const,
    address: "172.16.18.32",
  };
  const rr = plan.reflectors.rr;
  if (rr === undefined) throw new Error("no reflector in the plan");
  const lines = renderExternal(plan, { ...rr, ...router, name: "rr" }).split("\n");
  expect(lines.filter((line) => / local-address | family inet6? unicast$/.test(line))).toEqual([
    "set protocols bgp group seamless-clients local-address 172.16.18.32",
    "set protocols bgp group seamless-clients neighbor 172.16.18.33 family inet unicast",
    "set protocols bgp group seamless-clients neighbor 2001:db8:18::33 local-address 2001:db8:18::32",
    "set protocols bgp group seamless-clients neighbor 2001:db8:18::33 family inet6 unicast",
    "set protocols bgp group seamless-clients neighbor 172.16.18.34 family inet unicast",
  ]);
});

test("a mesh of several ASs passes on nobody's routes in either family", () => {
  const access = { kubeconfig: "/nowhere" };
  const coe = (asn: number, pods: readonly string[], n: number) => ({
    ...{ kind: "kubernetes", policy: "open", access, asn, podCidr: pods },
    nodes: { node: { address: `172.16.18.${n}`, address6: `2001:db8:18::${n}` } },
  });
  const mesh = makePlan(
    parseConfig({
      network: {
        ...{ nodes: ["172.16.18.0/24", "2001:db8:18::/64"], asn: 64511 },
        ...{ topology: "mesh", asns: "perCoe" },
      },
      coes: {
        one: coe(64601, ["192.168.0.0/17", "2001:db8:1::/64"], 11),
        two: coe(64602, ["192.168.128.0/17", "2001:db8:2::/64"], 12),
      },
    }),
  );
  expect(Object.keys(mesh.sessions)).toEqual(["one/node--two/node", "one/node--two/node/ipv6"]);
  const rules = [{ action: "Reject", source: "RemotePeers" }];
  expect(calicoObjects(calicoPlan(mesh, "one")).filters["own-routes"]?.spec).toEqual({
    exportV4: rules,
    exportV6: rules,
  });
});
