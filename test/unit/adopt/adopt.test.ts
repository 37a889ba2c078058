import { adoptedRouter, routerViolations } from "../../../adopt/router";
import { draftOf, type Read, stackText } from "../../../adopt/stack";
import { type Known, parseTarget } from "../../../adopt/targets";
import type { RouterState } from "../../../components/ask/router";
import { makePlan, parseStackConfig } from "../../../components/kinds/planning";
import {
  adoptedFamilies,
  adoptedFields,
  adoptedNodes,
} from "../../../components/speakers/calico/adopt";
import type { NodeState, PoolState } from "../../../components/speakers/calico/inspect/state";

const known: Known = {
  dcos: { url: false, etcd: true },
  kubernetes: { kubeconfig: false, context: false },
  hosts: {},
};

test("what is to be read is named with its kind and how it is reached", () => {
  expect(parseTarget("east=kubernetes:kubeconfig=/a,b/c,context=x=y", known)).toEqual({
    name: "east",
    kind: "kubernetes",
    settings: { kubeconfig: "/a,b/c", context: "x=y" },
  });
  expect(
    parseTarget("old=dcos:url=http://a:80,etcd=http://b,etcd=http://c", known).settings,
  ).toEqual({
    url: "http://a:80",
    etcd: ["http://b", "http://c"],
  });
});

const form =
  "NAME=KIND:SETTING=VALUE,..., with KIND (and SETTING) of dcos (etcd, url), kubernetes (context, kubeconfig)";

test("a kind without settings is left to say what it is read by", () => {
  expect(parseTarget("plain=hosts", known)).toEqual({ name: "plain", kind: "hosts", settings: {} });
});

test.each([
  ["east", form],
  ["east=nomad:url=x", form],
  ["east=kubernetes", "settings of kubernetes: context, kubeconfig"],
  ["east=kubernetes:url=x", "settings of kubernetes: context, kubeconfig"],
  ["east=kubernetes:context=", "settings of kubernetes: context, kubeconfig"],
])("%s is refused", (given, allowed) => {
  expect(() => parseTarget(given, known)).toThrow(`adopt: found ${given}; allowed: ${allowed}`);
});

const pool = (name: string, cidr: string, more: Partial<PoolState> = {}): PoolState => ({
  ...{ name, cidr, blockSize: 26, ipipMode: "Never", vxlanMode: "Never", natOutgoing: false },
  ...{
    disabled: false,
    disableBGPExport: false,
    nodeSelector: "all()",
    assignmentMode: "Automatic",
  },
  ...{
    allowedUses: ["Workload", "Tunnel"],
    others: {},
    managedBy: undefined,
    setBy: [],
    ours: false,
  },
  ...more,
});

test("pools become ranges; what gives no new addresses retires, and what is for no containers is left out", () => {
  const { fields, unsure } = adoptedFields({
    pools: [
      pool("a", "10.0.0.0/16", { natOutgoing: true }),
      pool("b", "10.1.0.0/16", { disabled: true, blockSize: 24 }),
      pool("unused", "10.2.0.0/16", { disabled: true }),
      pool("balancers", "10.3.0.0/16", { allowedUses: ["LoadBalancer"] }),
      pool("six", "2001:db8::/48"),
    ],
    blocks: [{ cidr: "10.1.7.0/24" }],
    policies: [],
    nodes: [],
  });
  expect(fields).toEqual({
    podCidr: ["10.0.0.0/16", "10.1.0.0/16"],
    retiring: ["10.1.0.0/16"],
    pool: { "10.0.0.0/16": "a", "10.1.0.0/16": "b" },
    natOutgoing: true,
    policy: "open",
  });
  expect(unsure).toEqual({
    policy:
      "a choice, not a fact: no policies are there; open lets everybody in, see also cross-coe and closed",
    podCidr: "the pools have blocks of /26, /24; a plan has one size",
    natOutgoing: "only a: a plan has one word for all pools",
    retiring: "disabled pools with blocks in use: they give no new addresses",
  });
});

test("without a pool nothing is made up", () => {
  expect(adoptedFields({ pools: [], blocks: [], policies: [], nodes: [] })).toEqual({
    fields: {},
    unsure: { kind: "Calico has no pool for containers; podCidr is missing" },
  });
});

const node = (name: string, more: Partial<NodeState> = {}): NodeState => ({
  ...{ name, address: "10.1.0.11", network: "10.1.0.0/24", asn: undefined, os: "linux" },
  ...{ virtual: false, ready: true, agent: "ready", podCidrs: [] },
  ...more,
});

test("what is no machine with Linux is no node", () => {
  const all = [
    node("a"),
    node("b", { address: "10.1.0.12", asn: 65001 }),
    node("w", { os: "windows" }),
    node("v", { virtual: true }),
    node("lost", { address: "" }),
  ];
  expect(adoptedNodes(all)).toEqual({
    nodes: { a: { address: "10.1.0.11" }, b: { address: "10.1.0.12", asn: 65001 } },
    networks: ["10.1.0.0/24"],
  });
});

const read = (asn: number, podCidr: string, address: string, networks: string[] = []): Read => ({
  kind: "kubernetes",
  coe: {
    fields: { podCidr, policy: "open", access: { kubeconfig: "/k" } },
    nodes: { [`n-${address.replaceAll(".", "-")}`]: { address } },
    taken: ["10.1.0.254"],
    ...{ asn, networks, unsure: { policy: "a choice\nof yours", "nodes.x": "not there" } },
  },
});

test("a file of two COEs is one that is taken, with a comment where something was not sure", () => {
  const coes = {
    east: read(64512, "10.64.0.0/16", "10.1.0.11", ["10.1.0.0/24"]),
    west: read(64513, "10.65.0.0/16", "10.2.0.11"),
  };
  const text = stackText(draftOf(coes, {}, "gobgp"), ["Head", "two\u0007 lines"]);
  expect(text).toBe(
    `# Head
# two  lines

config:
  seamless:network:
    # nobody says how large the networks of the nodes are; guessed: 10.2.0.0/24
    nodes:
      - 10.1.0.0/24
      - 10.2.0.0/24
    # the AS of 1 of 2 nodes; the others have theirs in their records
    asn: 64512
  # no router was read; no node and no BGP peer has this address, but somebody else may: choose one
  seamless:reflectors:
    reflector:
      kind: gobgp
      address: 10.1.0.253
  seamless:coes:
    east:
      kind: kubernetes
      podCidr: 10.64.0.0/16
      # a choice of yours
      policy: open
      access:
        kubeconfig: /k
      # not there
      nodes:
        n-10-1-0-11:
          address: 10.1.0.11
    west:
      kind: kubernetes
      podCidr: 10.65.0.0/16
      # a choice of yours
      policy: open
      access:
        kubeconfig: /k
      # not there
      nodes:
        n-10-2-0-11:
          address: 10.2.0.11
          asn: 64513
`,
  );
  const plan = makePlan(parseStackConfig(text, "adopted"));
  expect(Object.keys(plan.sessions)).toEqual([
    "reflector/east/n-10-1-0-11",
    "reflector/west/n-10-2-0-11",
  ]);
});

const state: RouterState = {
  neighbors: {
    "10.1.0.11": { asn: 64512, clusterId: "10.1.0.9", established: true },
    "10.1.0.77": { asn: 65009, established: true },
  },
  accepted: [
    { neighbors: [], prefix: "10.64.0.0/16", lengths: "26..32", nextHops: [], asPath: "" },
    { neighbors: [], prefix: "10.99.0.0/16", lengths: "26..32", nextHops: [], asPath: "" },
  ],
  fence: [],
};

test("a router's sessions say its AS and its cluster-id", () => {
  const place = { kind: "gobgp", address: "10.1.0.2", dockerHost: "ssh://ops@rr" };
  const router = adoptedRouter(place, state);
  expect(router).toMatchObject({
    fields: {
      kind: "gobgp",
      address: "10.1.0.2",
      clusterId: "10.1.0.9",
      dockerHost: "ssh://ops@rr",
    },
    asn: 64512,
  });
  const coes = { west: read(64513, "10.65.0.0/16", "10.1.0.12", ["10.1.0.0/24"]) };
  const { settings } = draftOf(coes, { rr: router }, "gobgp");
  expect(settings).toMatchObject({
    "seamless:network": { nodes: "10.1.0.0/24", asn: 64512 },
    "seamless:reflectors": { rr: router.fields },
    "seamless:coes": { west: { nodes: { "n-10-1-0-12": { asn: 64513 } } } },
  });
});

test("sessions and prefixes of nobody that was read are told", () => {
  const nodes = { "10.1.0.11": "east/a", "10.1.0.12": "east/b" };
  expect(routerViolations("rr", state, nodes, ["10.64.0.0/16"])).toEqual([
    "rr: neighbour 10.1.0.77 (AS 65009) is no node that was read; its session would end",
    "rr: no session with east/b (10.1.0.12); it would get one",
    "rr: accepts 10.99.0.0/16, which no COE that was read has; it would be refused",
  ]);
});

const six = { address6: "2001:db8:18::11", network6: "2001:db8:18::/64" };
const pools = [
  pool("four", "10.64.0.0/16"),
  pool("six", "2001:db8:64::/64", { blockSize: 124, natOutgoing: true }),
];

test("a cluster in dual stack is adopted with both families, in a file that is taken", () => {
  const nodes = [node("a", six)];
  const families = adoptedFamilies({ pools, nodes });
  expect(families).toEqual([4, 6]);
  const { fields } = adoptedFields({ pools, nodes, blocks: [], policies: [] }, families);
  expect(fields).toEqual({
    podCidr: ["10.64.0.0/16", "2001:db8:64::/64"],
    pool: { "10.64.0.0/16": "four", "2001:db8:64::/64": "six" },
    blockSize6: 124,
    policy: "open",
  });
  const coe = {
    fields: { ...fields, access: { kubeconfig: "/k" } },
    ...adoptedNodes(nodes, families),
    ...{ asn: 64512, taken: ["10.1.0.254"], unsure: {} },
  };
  const text = stackText(draftOf({ east: { kind: "kubernetes", coe } }, {}, "gobgp"), []);
  const plan = makePlan(parseStackConfig(text, "adopted.yaml"));
  expect(Object.keys(plan.sessions)).toEqual(["reflector/east/a", "reflector/east/a/ipv6"]);
  expect(plan.reflectors.reflector).toMatchObject({
    ...{ address: "10.1.0.253", address6: "2001:db8:18:0:ffff:ffff:ffff:fffe" },
  });
  expect(plan.nodeNetwork).toEqual(["10.1.0.0/24", "2001:db8:18::/64"]);
});

test("where a node has no IPv6 address, pools of IPv6 are left out and told of", () => {
  const nodes = [node("a", six), node("b")];
  const families = adoptedFamilies({ pools, nodes });
  expect(families).toEqual([4]);
  const { fields, unsure } = adoptedFields({ pools, nodes, blocks: [], policies: [] }, families);
  expect([fields.podCidr, unsure.podCidr]).toEqual([
    "10.64.0.0/16",
    "left out, for not all nodes have an address of its family: 2001:db8:64::/64",
  ]);
  expect(adoptedNodes([node("a", six)], families).nodes).toEqual({ a: { address: "10.1.0.11" } });
});

const crossing = { ipipMode: "CrossSubnet" };
const twoNetworks = [node("a"), node("b", { address: "10.2.0.11", network: "10.2.0.0/24" })];

test("CrossSubnet of all IPv4 pools stays, in a file that is taken, where nodes are in one network", () => {
  const own = [pool("a", "10.64.0.0/16", crossing), pool("b", "10.65.0.0/16", crossing)];
  const nodes = [node("a"), node("b", { address: "10.1.0.12" })];
  const { fields, unsure } = adoptedFields({ pools: own, nodes, blocks: [], policies: [] });
  expect([fields.ipipMode, unsure.pool]).toEqual(["CrossSubnet", undefined]);
  const coe = {
    fields: { ...fields, serviceCidr: "10.96.0.0/16", access: { kubeconfig: "/k" } },
    ...adoptedNodes(nodes),
    ...{ asn: 64512, taken: [], unsure },
  };
  const text = stackText(draftOf({ east: { kind: "kubernetes", coe } }, {}, "gobgp"), []);
  expect(makePlan(parseStackConfig(text, "adopted.yaml")).coes.east).toMatchObject({
    ipipMode: "CrossSubnet",
  });
});

test.each([
  [
    "of all traffic",
    [pool("a", "10.64.0.0/16", { ipipMode: "Always" })],
    [node("a")],
    "joining changes ipipMode of a (Always -> Never)",
  ],
  [
    "of VXLAN",
    [pool("a", "10.64.0.0/16", { vxlanMode: "CrossSubnet" })],
    [node("a")],
    "joining changes vxlanMode of a (CrossSubnet -> Never)",
  ],
  [
    "of one pool among several",
    [pool("a", "10.64.0.0/16", crossing), pool("b", "10.65.0.0/16")],
    [node("a")],
    "joining changes ipipMode of a (CrossSubnet -> Never); a plan keeps CrossSubnet (ipipMode) only for all IPv4 pools of a COE at once",
  ],
  [
    "between networks",
    [pool("a", "10.64.0.0/16", crossing)],
    twoNetworks,
    "joining changes ipipMode of a (CrossSubnet -> Never); a plan keeps CrossSubnet (ipipMode) only where nodes are in one network, or in racks with routers; these are in 10.1.0.0/24, 10.2.0.0/24",
  ],
])("a tunnel %s goes, and the file says so", (_which, own, nodes, said) => {
  const { fields, unsure } = adoptedFields({ pools: own, nodes, blocks: [], policies: [] });
  expect([fields.ipipMode, unsure.pool]).toEqual([undefined, said]);
});
