/** What the mesh going off does to each node of a cluster, those that the plan does not have among them. */

import { readStackConfig } from "../../../components/kinds/planning";
import type { CalicoState } from "../../../components/kubernetes/inspect/state";
import { asnOf, networkOf } from "../../../components/speakers/calico/inspect/address";
import type { NodeState } from "../../../components/speakers/calico/inspect/state";
import { renderTraffic, trafficOf } from "../../../components/speakers/calico/inspect/traffic";
import { bgpState, nodeState } from "../../helpers/inspection";
import { findings, nodes, partOf, pool, stranger, withNodes } from "../../helpers/joined-cluster";

const { coes: labCoes } = readStackConfig("Pulumi.lab.yaml");
const meshed: Partial<CalicoState> = { bgp: bgpState(64511, true) };
const [first, second, ...rest] = nodes;
if (first === undefined || second === undefined) throw new Error("no nodes");

const of = (list: readonly NodeState[], more: Partial<CalicoState> = meshed, changes = {}) =>
  findings(withNodes(list, more), changes)
    .filter(({ id }) => id.startsWith("node"))
    .map(({ level, id, found, advice = "" }) => `${level} ${id}: ${found}: ${advice}`);

const mend = "wait until it is, or mend it";

test.each<[string, Partial<NodeState>, string]>([
  [
    "another AS",
    { asn: 65001 },
    `it is in AS 65001 by its own setting; the plan says 64511: plan asn: 65001 for it, or remove that setting from the node`,
  ],
  [
    "an AS that is none",
    { asn: "0xFBFF" },
    `its AS is "0xFBFF", which is no number: correct the node's annotation projectcalico.org/ASNumber, or remove it`,
  ],
  ["not ready", { ready: false }, `it is not ready: ${mend}`],
  ["no agent", { agent: "none" }, `no calico-node is on it: ${mend}`],
  ["an agent that is not well", { agent: "not ready" }, `its calico-node is not ready: ${mend}`],
  [
    "Windows",
    { os: "windows" },
    "it is a Windows node, which runs no BIRD: move its workloads to Linux nodes and remove it, or leave this cluster as it is (coes.kubernetes.deploy: false)",
  ],
  [
    "a virtual kubelet",
    { virtual: true },
    "it is a virtual kubelet, which runs no BIRD: take it out of coes.kubernetes.nodes",
  ],
])("a node of the plan that would lose its routes is in the way: %s", (_, changes, expected) => {
  expect(of([{ ...first, ...changes }, second, ...rest])).toEqual([
    `blocks node/controller: 172.16.18.33; ${expected}`,
  ]);
});

test("where nodes are in several ASs, each is given its own", () => {
  const { kubernetes } = labCoes;
  const own = {
    ...kubernetes?.nodes,
    controller: { address: "172.16.18.33", role: "controller", asn: 65001 },
  };
  const found = of(nodes, {}, { nodes: own });
  expect(found).toEqual(["changes node/controller/as: no AS of its own; the plan says 65001: "]);
  expect(of([{ ...first, asn: 65001 }, second, ...rest], {}, { nodes: own })).toEqual([]);
});

test("a node that the plan does not have loses its routes, too", () => {
  expect(of([...nodes, stranger])).toEqual([
    "blocks node/worker-9: 172.16.18.99; it is not in the plan: add worker-9: { address: 172.16.18.99 } to coes.kubernetes.nodes",
  ]);
  const windows = { ...stranger, os: "windows" };
  expect(of([...nodes, windows])[0]).not.toContain("coes.kubernetes.nodes");
  expect(of([...nodes, { ...stranger, virtual: true, agent: "none" }])).toEqual([
    "notes node/worker-9: 172.16.18.99; it is a virtual kubelet, which runs no BIRD, and no calico-node is on it: ",
  ]);
});

test("without a mesh, or without pods, nothing is lost", () => {
  const away = [{ ...first, ready: false }, second, ...rest, stranger];
  const expected = [
    `notes node/controller: 172.16.18.33; it is not ready: ${mend}`,
    "notes node/worker-9: 172.16.18.99; it is not in the plan: add worker-9: { address: 172.16.18.99 } to coes.kubernetes.nodes",
  ];
  expect(of(away, {})).toEqual(expected);
  expect(of(away, { ...meshed, blocks: [] })).toEqual(expected);
  expect(of([{ ...first, asn: 65001 }, second, ...rest], {})[0]).toMatch(/^blocks/);
});

test("a node without an address is not where the plan has it", () => {
  expect(of([{ ...first, address: "" }, second, ...rest])).toEqual([
    "blocks node/controller: no IPv4 address; the plan says 172.16.18.33: wait until calico-node has found its address",
  ]);
});

test("masks that prove that nodes are in two networks, where a tunnel goes off", () => {
  const far = { ...second, network: "172.16.19.0/24" };
  const crossing = [{ ...pool, ipipMode: "CrossSubnet", ours: true }];
  expect(of([first, far, ...rest], { pools: crossing })).toEqual([
    "blocks nodes/networks: nodes are in 2 networks by their masks: 172.16.18.0/24 (controller, worker-2, worker-3), 172.16.19.0/24 (worker-1); pool 192-168-0-0-17 has ipipMode CrossSubnet: bring the nodes into one network, or leave this cluster out",
  ]);
  expect(of([first, far, ...rest], {})).toEqual([]);
  expect(of(nodes, { pools: crossing })).toEqual([]);
});

test("what a node's traffic is before and after, for every node", () => {
  const { coe, plan } = partOf();
  const list = [
    ...nodes,
    stranger,
    { ...nodeState("vk", ""), virtual: true, agent: "none" as const },
  ];
  const seen = withNodes(list, { ...meshed, pools: [{ ...pool, ipipMode: "Always" }], peers: [] });
  if (seen.calico === undefined) throw new Error("no Calico");
  const traffic = trafficOf(coe, plan, seen.calico);
  expect(renderTraffic(traffic)).toEqual([
    "traffic controller, worker-1, worker-2, worker-3: mesh, IPIP Always -> reflector, no tunnel",
    "traffic worker-9: mesh, IPIP Always -> none: it is not in the plan",
  ]);
  expect(traffic.vk).toEqual({ before: "not by Calico", after: "not by Calico" });
});

test.each<[string | undefined, number | string | undefined]>([
  [undefined, undefined],
  ["", undefined],
  ["64512", 64512],
  ["0064512", 64512],
  ["1.10", 65546],
  ["65535.65535", 4294967295],
  ["4294967296", "4294967296"],
  ["65536.0", "65536.0"],
  ["0xFC00", "0xFC00"],
  ["1.2.3", "1.2.3"],
  ["-1", "-1"],
])("the AS %p of a node is %p to Calico", (text, expected) => {
  expect(asnOf(text)).toBe(expected);
});

test("the network of a node is by its mask", () => {
  expect(["172.16.18.33/24", "10.0.0.1/32", "10.0.0.1", undefined].map(networkOf)).toEqual([
    "172.16.18.0/24",
    "10.0.0.1/32",
    undefined,
    undefined,
  ]);
});
