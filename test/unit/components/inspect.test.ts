import { report } from "../../../components/kubernetes/inspect";
import { renderInspection } from "../../../components/speakers/calico/inspect/finding";
import type { PoolState } from "../../../components/speakers/calico/inspect/state";
import { bgpState, nodeState, peerState } from "../../helpers/inspection";
import {
  calico,
  compareGuarded,
  findings,
  joined,
  nodes,
  partOf,
  pool,
  short,
  stranger,
  withCalico,
  withNodes,
  withPool,
} from "../../helpers/joined-cluster";

test("a cluster that is as planned has nothing to say", () => {
  expect(findings(joined)).toEqual([]);
});

test("without Calico, or without BIRD, there is nothing to join", () => {
  expect(short({ ...joined, calico: undefined })).toEqual([
    "blocks calico: no Calico: its definitions, or a DaemonSet with the container calico-node, are not there",
  ]);
  const backend = { name: "vxlan", from: "ConfigMap calico-config, key calico_backend" };
  expect(short(withCalico({ backend }))).toEqual([
    "blocks calico/backend: the backend is vxlan (ConfigMap calico-config, key calico_backend); the plan needs bird",
  ]);
});

test("calico-node has to be where it finds the passwords of its sessions, and be allowed to read them", () => {
  const guarded = (of: typeof calico.agent) =>
    compareGuarded({ calicoNamespace: "calico-system" }, withCalico({ agent: of }));
  expect(guarded({ namespace: "calico-system", account: "calico-node" })).toEqual([]);
  expect(guarded({ namespace: "kube-system", account: "calico-node" })).toEqual([
    "blocks calico/namespace: calico-node runs in kube-system; the Secret with passwords is for calico-system",
  ]);
  expect(guarded({ namespace: "calico-system", account: "canal" })).toEqual([
    "blocks calico/account: calico-node runs as canal; the Role to read passwords is for calico-node",
  ]);
  const elsewhere = withCalico({ agent: { namespace: "elsewhere", account: "canal" } });
  expect(short(elsewhere)).toEqual([]);
});

test("definitions that are missing are named, where the plan needs them", () => {
  const seen = withCalico({
    definitions: { BGPConfiguration: "any", GlobalNetworkPolicy: "any", IPPool: "any" },
  });
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
  const peers = [...calico.peers, peerState("rack", "172.16.18.1", 65001)];
  const found = findings(withCalico({ bgp: bgpState(64512, true), peers }));
  expect(found.map(({ level, id, effect }) => [level, id, effect])).toEqual([
    [
      "changes",
      "bgp/as",
      "every session of every node is reset, and other peers have to expect the new AS",
    ],
    [
      "changes",
      "bgp/mesh",
      "none where every node has its session with the reflector: it goes off only then",
    ],
    ["notes", "peer/rack", "it stays: every node takes its routes, too"],
  ]);
});

test("who has set what joining changes is named, for it may be set again", () => {
  const setBy = ["argocd-controller", "calicoctl"];
  const seen = withCalico({
    bgp: { ...bgpState(64512, true), setBy },
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
  const [controller, , second] = nodes;
  if (controller === undefined || second === undefined) throw new Error("no nodes");
  const moved = nodeState("worker-1", "10.0.0.1");
  expect(short(withNodes([controller, moved, second, stranger]))).toEqual([
    "blocks node/worker-1: 10.0.0.1; the plan says 172.16.18.34",
    "notes node/worker-9: 172.16.18.99; it is not in the plan",
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

test("services that overlap containers of any COE block", () => {
  const seen = { ...joined, serviceCidr: "192.168.64.0/18" };
  expect(short(seen)).toEqual([
    "blocks services: services are in 192.168.64.0/18, which overlaps 192.168.0.0/17 of kubernetes",
  ]);
  expect(short({ ...joined, serviceCidr: "192.168.0.0/16" })).toEqual([
    "blocks services: services are in 192.168.0.0/16, which overlaps 192.168.128.0/17 of dcos, 192.168.0.0/17 of kubernetes",
  ]);
});

test("the report: what is in the way first, then what changes, then what is good to know", () => {
  const seen = withCalico({
    operator: true,
    bgp: bgpState(64511, true),
    pools: [{ ...pool, blockSize: 24, ipipMode: "Always" }],
  });
  const { coe, plan } = partOf();
  expect(renderInspection("prod", report(coe, plan, seen)).join("\n")).toBe(
    `prod: 4 nodes, Calico v3.31.0 with bird by its operator, projectcalico.org/v3 not served, 1 pools, 1 blocks in use
traffic controller, worker-1, worker-2, worker-3: mesh, IPIP Always -> reflector, no tunnel

blocks  pool/192-168-0-0-17/blockSize: blocks of /24; the plan says /26
        effect  a pool's block size cannot change
        to do   plan blockSize: 24
changes pool/192-168-0-0-17/spec: ipipMode Always -> Never
        effect  packets between nodes lose their tunnel, so all nodes have to be on one network
changes bgp/mesh: the node-to-node mesh is on; the plan has it off
        effect  none where every node has its session with the reflector: it goes off only then

1 in the way, 2 changed by joining, 0 to know`,
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
