import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { compareCluster } from "../../../components/kubernetes/inspect/compare";
import { nodeState as readNode } from "../../../components/kubernetes/inspect/node";
import type { CalicoState, ClusterState } from "../../../components/kubernetes/inspect/state";
import { calicoPlan } from "../../../components/speakers/calico/objects";
import { bgpState, nodeState, peerState, poolState } from "../../helpers/inspection";
import { calico as four } from "../../helpers/joined-cluster";

/** East of the dual-stack lab, and its cluster when it has joined. */
const plan = makePlan(parseConfig(readStackConfig("Pulumi.dual.yaml")));
const { east } = plan.coes;
if (east === undefined) throw new Error("no east in the lab");
const six = {
  pods: "2001:db8:18::c0a8:0/113",
  services: "2001:db8:18::a60:0/112",
  reflector: "2001:db8:18::ac10:1220",
};
const nodes = Object.values(east.nodes).map(({ name, address, address6 = "" }) => ({
  ...nodeState(name, address),
  address6,
}));
const pool6 = { ...poolState("2001-db8-18--c0a8-0-113", six.pods), blockSize: 122 };
const calico: CalicoState = {
  ...four,
  pools: [poolState("192-168-0-0-17", "192.168.0.0/17"), pool6],
  bgp: bgpState(64511, false),
  peers: [
    peerState("172-16-18-32", "172.16.18.32", 64511),
    peerState("2001-db8-18--ac10-1220", six.reflector, 64511),
  ],
  nodes,
};
const joined: ClusterState = {
  ...{ calico, nativeV3: false, nodes, serviceCidr: "10.96.0.0/16" },
  serviceCidr6: six.services,
};

function found(changes: Partial<CalicoState>, more: Partial<ClusterState> = {}): string[] {
  if (east === undefined) return [];
  const seen = { ...joined, ...more, calico: { ...calico, ...changes } };
  return compareCluster(east, calicoPlan(plan, "east"), seen).map(
    ({ level, id, found: text, advice = "" }) => `${level} ${id}: ${text}; ${advice}`,
  );
}

test("a dual-stack cluster that is as planned has nothing against it", () => {
  expect(found({})).toEqual([]);
});

test("a cluster whose Calico knows no IPv6 blocks, each setting with what mends it", () => {
  expect(found({ ipv6: { address: undefined, felix: false, assigns: false } })).toEqual([
    `blocks calico/ip6: IP6 of calico-node is not set; the plan has ${six.pods}; set IP6: autodetect in the calico-node DaemonSet, or nodeAddressAutodetectionV6 in the operator's Installation`,
    `blocks calico/ipv6Support: Felix has IPv6 switched off; the plan has ${six.pods}; set FELIX_IPV6SUPPORT to true in the calico-node DaemonSet, or ipv6Support: true in the FelixConfiguration default`,
    `blocks calico/assign_ipv6: the CNI configuration does not assign IPv6 addresses; the plan has ${six.pods}; add "assign_ipv6": "true" to ipam in cni_network_config of the ConfigMap calico-config, or an IPv6 pool to calicoNetwork.ipPools of the operator's Installation; then restart calico-node and the pods`,
  ]);
});

test("what nobody says of IPv6 is not held against a cluster but for its address", () => {
  expect(found({ ipv6: { address: "autodetect", felix: undefined, assigns: undefined } })).toEqual(
    [],
  );
});

test("services of one family block a plan that has both", () => {
  const { serviceCidr6: _, ...rest } = joined;
  const seen: ClusterState = rest;
  if (east === undefined) throw new Error("no east in the lab");
  expect(
    compareCluster(east, calicoPlan(plan, "east"), seen).map(({ id, found: text }) => [id, text]),
  ).toEqual([
    ["services/families", `services are in 10.96.0.0/16 alone; the plan has ${six.services}, too`],
  ]);
});

test("another range of IPv6 services is told of like one of IPv4", () => {
  expect(found({}, { serviceCidr6: "2001:db8:96::/112" })).toEqual([
    `blocks services: services are in 2001:db8:96::/112; the plan says ${six.services}; plan serviceCidr: 2001:db8:96::/112`,
  ]);
});

test("a node without the planned IPv6 address blocks", () => {
  const [first, second, ...rest] = nodes;
  if (first === undefined || second === undefined) throw new Error("no nodes in the lab");
  const { address6: _, ...without } = first;
  const other = { ...second, address6: "2001:db8:18::9" };
  expect(found({ nodes: [without, other, ...rest] })).toEqual([
    "blocks node/east-controller: no IPv6 address; the plan says 2001:db8:18::ac10:1221; see that the node has an IPv6 address and that IP6 of calico-node is autodetect, then wait until it has found it",
    "blocks node/east-worker-1: 2001:db8:18::9; the plan says 2001:db8:18::ac10:1222; plan address6: 2001:db8:18::9",
  ]);
});

test("the blocks and the NAT of a pool of IPv6 are compared with what the plan has for it", () => {
  expect(
    found({ pools: [calico.pools[0] ?? pool6, { ...pool6, blockSize: 120, natOutgoing: true }] }),
  ).toEqual([
    "blocks pool/2001-db8-18--c0a8-0-113/blockSize: blocks of /120; the plan says /122; plan blockSize6: 120",
    "changes pool/2001-db8-18--c0a8-0-113/spec: natOutgoing true -> false; ",
  ]);
});

test("a node's object tells its address of each family", () => {
  const object = {
    ...{ apiVersion: "v1", kind: "Node", data: {}, spec: { podCIDRs: ["10.0.0.0/24"] } },
    metadata: {
      ...{ name: "a", labels: {}, managedFields: [] },
      annotations: { "projectcalico.org/IPv6Address": "2001:db8:18::5/64" },
    },
    status: { addresses: [{ type: "InternalIP", address: "172.16.18.5" }] },
  };
  expect(readNode(object, undefined)).toMatchObject({
    ...{ address: "172.16.18.5", address6: "2001:db8:18::5", agent: "not ready" },
    podCidrs: ["10.0.0.0/24"],
  });
});
