import { calicoPlan } from "../../../components/calico/objects";
import { renderInspection } from "../../../components/inspect/finding";
import type { PoolState } from "../../../components/inspect/state";
import { report } from "../../../components/kubernetes/inspect";
import { compareCluster } from "../../../components/kubernetes/inspect/compare";
import type { CalicoState, ClusterState } from "../../../components/kubernetes/inspect/state";
import { parseConfig, readStackConfig } from "../../../config";
import { makePlan } from "../../../plan";

const config = readStackConfig("Pulumi.lab.yaml");

const pool: PoolState = {
  name: "192-168-0-0-17",
  cidr: "192.168.0.0/17",
  blockSize: 26,
  ipipMode: "Never",
  vxlanMode: "Never",
  natOutgoing: false,
  disabled: false,
  managedBy: undefined,
  setBy: [],
};

/** A cluster that is as planned. */
const calico: CalicoState = {
  version: "v3.31.0",
  backend: "bird",
  kinds: [
    ...["BGPConfiguration", "BGPPeer", "GlobalNetworkPolicy", "GlobalNetworkSet"],
    ...["IPAMBlock", "IPPool", "Tier"],
  ],
  api: false,
  operator: false,
  pools: [pool],
  blocks: [{ cidr: "192.168.7.0/26", node: "worker-1" }],
  bgp: { asn: 64511, mesh: false, setBy: [] },
  peers: [{ name: "172-16-18-32", peer: "172.16.18.32", asn: 64511 }],
};
const joined: ClusterState = {
  calico,
  serviceCidr: "10.96.0.0/16",
  nodes: {
    controller: "172.16.18.33",
    "worker-1": "172.16.18.34",
    "worker-2": "172.16.18.35",
    "worker-3": "172.16.18.36",
  },
  networkPolicies: 0,
};

type Changes = Readonly<Record<string, unknown>>;

function findings(seen: ClusterState, changes: Changes = {}, dcos: Changes = {}) {
  const coes = {
    dcos: { ...config.coes.dcos, ...dcos },
    kubernetes: { ...config.coes.kubernetes, ...changes },
  };
  const plan = makePlan(parseConfig({ ...config, coes }));
  const coe = plan.coes.kubernetes;
  if (coe === undefined) throw new Error("no kubernetes in the lab");
  return compareCluster(coe, calicoPlan(plan, "kubernetes"), seen);
}

const withCalico = (changes: Partial<CalicoState>): ClusterState => ({
  ...joined,
  calico: { ...calico, ...changes },
});
const withPool = (changes: Partial<PoolState>) => withCalico({ pools: [{ ...pool, ...changes }] });
const short = (seen: ClusterState, changes = {}) =>
  findings(seen, changes).map(({ level, id, found }) => `${level} ${id}: ${found}`);

test("a cluster that is as planned has nothing to say", () => {
  expect(findings(joined)).toEqual([]);
});

test("without Calico, or without BIRD, there is nothing to join", () => {
  expect(short({ ...joined, calico: undefined })).toEqual([
    "blocks calico: no Calico: neither its definitions nor its calico-node DaemonSet are there",
  ]);
  expect(short(withCalico({ backend: "vxlan" }))).toEqual([
    "blocks calico/backend: CALICO_NETWORKING_BACKEND is vxlan; the plan needs bird",
  ]);
});

test("definitions that are missing are named, where the plan needs them", () => {
  const seen = withCalico({ kinds: ["BGPConfiguration", "GlobalNetworkPolicy", "IPPool"] });
  expect(short(seen)).toEqual([
    "blocks calico/definitions: no definitions of BGPPeer in crd.projectcalico.org",
  ]);
  expect(short(seen, { policy: "closed" })).toEqual([
    "blocks calico/definitions: no definitions of GlobalNetworkSet, Tier, BGPPeer in crd.projectcalico.org",
  ]);
});

test("a pool of IPv6 is no matter of the plan", () => {
  const six = { ...pool, name: "default-ipv6-ippool", cidr: "fd00:10:244::/64" };
  expect(findings(withCalico({ pools: [pool, six] }))).toEqual([]);
});

test.each<[string, Partial<PoolState>, readonly string[]]>([
  [
    "a pool in use would have to shrink",
    { name: "default-ipv4-ippool", cidr: "192.168.0.0/16" },
    [
      "blocks pool/default-ipv4-ippool: 192.168.0.0/16 with 1 blocks in use, 0 of them outside the plan's 192.168.0.0/17",
    ],
  ],
  [
    "the planned range under another name",
    { name: "default-ipv4-ippool" },
    [
      "blocks pool/default-ipv4-ippool: 192.168.0.0/17 under this name; the plan's pool is 192-168-0-0-17",
    ],
  ],
  [
    "another block size",
    { blockSize: 24 },
    ["blocks pool/192-168-0-0-17/blockSize: blocks of /24; the plan says /26"],
  ],
  [
    "tunnels and NAT go off",
    { ipipMode: "Always", natOutgoing: true },
    ["changes pool/192-168-0-0-17/spec: ipipMode Always -> Never, natOutgoing true -> false"],
  ],
  [
    "an operator would put them back",
    { vxlanMode: "CrossSubnet", managedBy: "tigera-operator" },
    ["blocks pool/192-168-0-0-17/spec: vxlanMode CrossSubnet -> Never"],
  ],
])("%s", (_, changes, expected) => {
  expect(short(withPool(changes))).toEqual(expected);
});

test("adopting the pool by its name is the way out, and pools of the others' ranges are ours", () => {
  const named = withPool({ name: "default-ipv4-ippool" });
  expect(findings(named, { pool: "default-ipv4-ippool" })).toEqual([]);
  const mirror = { ...pool, name: "192-168-128-0-17", cidr: "192.168.128.0/17", disabled: true };
  expect(findings(withCalico({ pools: [pool, mirror] }))).toEqual([]);
  const balancers = { ...pool, name: "10-97-0-0-24", cidr: "10.97.0.0/24" };
  expect(
    findings(withCalico({ pools: [pool, balancers] }), { loadBalancerCidr: "10.97.0.0/24" }),
  ).toEqual([]);
});

test("a pool beside the plan is left alone, and said", () => {
  const other = { ...pool, name: "old", cidr: "10.244.0.0/16" };
  const seen = withCalico({
    pools: [pool, other],
    blocks: [{ cidr: "10.244.3.0/26", node: "worker-1" }],
  });
  expect(short(seen)).toEqual([
    "notes pool/old: 10.244.0.0/16 with 1 blocks in use; it is not in the plan",
  ]);
  expect(short(withCalico({ pools: [pool, { ...other, disabled: true }] }))).toEqual([]);
});

test("AS, mesh and other peers, with what they do to traffic", () => {
  const peers = [...calico.peers, { name: "rack", peer: "172.16.18.1", asn: 65001 }];
  const found = findings(withCalico({ bgp: { asn: 64512, mesh: true, setBy: [] }, peers }));
  expect(found.map(({ level, id, effect }) => [level, id, effect])).toEqual([
    [
      "changes",
      "bgp/as",
      "every session of every node is reset, and other peers have to expect the new AS",
    ],
    ["changes", "bgp/mesh", "none: it goes off when every node has its session with the reflector"],
    ["notes", "peer/rack", "it stays; its routes meet those of the reflector on every node"],
  ]);
});

test("who has set what joining changes is named, for it may be set again", () => {
  const setBy = ["argocd-controller", "calicoctl"];
  const seen = withCalico({
    bgp: { asn: 64512, mesh: true, setBy },
    pools: [{ ...pool, natOutgoing: true, setBy }],
  });
  const found = findings(seen);
  expect(found.map((one) => one.found)).toEqual([
    "natOutgoing true -> false, set by argocd-controller, calicoctl",
    "AS 64512, set by argocd-controller, calicoctl; the plan says 64511",
    "the node-to-node mesh is on, set by argocd-controller, calicoctl; the plan has it off",
  ]);
  expect(found[0]?.advice).toBe(
    "these fields are taken over from argocd-controller, calicoctl: leave them out there, or what is applied there next puts them back",
  );
});

test("nodes that are missing, unplanned or elsewhere", () => {
  const { "worker-3": _gone, ...nodes } = joined.nodes;
  const seen = {
    ...joined,
    nodes: { ...nodes, "worker-1": "10.0.0.1", "worker-9": "172.16.18.99" },
  };
  expect(short(seen)).toEqual([
    "blocks node/worker-1: 10.0.0.1; the plan says 172.16.18.34",
    "notes node/worker-9: 172.16.18.99, which is not in the plan",
    "notes node/worker-3: the cluster has no such node yet; the plan has it at 172.16.18.36",
  ]);
});

test("another range of services blocks only where the plan makes use of it", () => {
  const seen = { ...joined, serviceCidr: "10.43.0.0/16" };
  expect(short(seen, { addons: {} })).toEqual([
    "notes services: services are in 10.43.0.0/16; the plan says 10.96.0.0/16",
  ]);
  expect(short(seen, { announceServices: true })[0]).toMatch(/^blocks services/);
  expect(short({ ...joined, serviceCidr: undefined })).toEqual([]);
});

test("services that overlap containers of any engine block", () => {
  const seen = { ...joined, serviceCidr: "192.168.64.0/18" };
  expect(short(seen)).toEqual([
    "blocks services: services are in 192.168.64.0/18, which overlaps 192.168.0.0/17 of kubernetes",
  ]);
  expect(short({ ...joined, serviceCidr: "192.168.0.0/16" })).toEqual([
    "blocks services: services are in 192.168.0.0/16, which overlaps 192.168.128.0/17 of dcos, 192.168.0.0/17 of kubernetes",
  ]);
});

test("NetworkPolicies lose their force in an open engine only", () => {
  const seen = { ...joined, networkPolicies: 3 };
  expect(short(seen)).toEqual(["changes policy: 3 NetworkPolicies, and policy open in the plan"]);
  expect(findings(seen, { policy: "closed" })).toEqual([]);
});

test("the report: what is in the way first, then what changes, then what is good to know", () => {
  const seen = withCalico({
    operator: true,
    bgp: { asn: 64511, mesh: true, setBy: [] },
    pools: [{ ...pool, blockSize: 24 }],
  });
  expect(renderInspection("prod", report(seen, findings(seen))).join("\n")).toBe(
    `prod: 4 nodes, Calico v3.31.0 with bird by its operator, projectcalico.org/v3 not served, 1 pools, 1 blocks in use

blocks  pool/192-168-0-0-17/blockSize: blocks of /24; the plan says /26
        effect  a pool's block size cannot change
        to do   plan blockSize: 24
changes bgp/mesh: the node-to-node mesh is on; the plan has it off
        effect  none: it goes off when every node has its session with the reflector

1 in the way, 1 changed by joining, 0 to know`,
  );
});

test("a name server of the cluster's own is to be told of the others' zones by its owner", () => {
  const names = { names: {} };
  expect(findings(joined, {}, names)).toEqual([]);
  expect(findings(joined, { addons: {} }, names)).toEqual([
    {
      id: "names",
      level: "notes",
      found: "the cluster keeps its own name server, which is to know mesos, thisdcos.directory",
      effect: "pods resolve no names of other COEs until it does",
      advice: "add what `seamless render names --coe kubernetes` prints to its configuration",
    },
  ]);
});
