import type { Fault } from "./fault";
import { answer, birdSays, noAnswer, nodeSays, ping, translated } from "./measure";
import type { NodeId } from "./world";

const kubernetes: readonly NodeId[] = [
  ...(["kubernetes/controller", "kubernetes/worker-1"] as const),
  ...(["kubernetes/worker-2", "kubernetes/worker-3"] as const),
];
const policyKind = "GlobalNetworkPolicy";
const everything = "has(projectcalico.org/orchestrator)";

/** What Calico is told: pools, mesh, filters, policies. */
export const objects: readonly Fault[] = [
  {
    name: "the nodes of a COE have sessions with each other again",
    layer: "objects",
    uses: ["sessions of dcos"],
    plant: (world) =>
      world.patch("dcos", "bgpconfiguration", "default", { nodeToNodeMeshEnabled: true }),
    mend: (world) =>
      world.patch("dcos", "bgpconfiguration", "default", { nodeToNodeMeshEnabled: false }),
    bite: birdSays(
      "dcos/agent-2",
      ["show", "protocols"],
      /^(?![\s\S]*Mesh_)/,
      /Mesh_.* Established/,
    ),
    named: { checks: ["objects/dcos/*"], at: "dcos" },
  },
  {
    name: "the pool of a COE translates addresses",
    soak: true,
    layer: "objects",
    uses: ["pool of kubernetes", ...kubernetes, "dcos/agent-3"],
    plant: (world) => world.patch("kubernetes", "ippool", "192-168-0-0-17", { natOutgoing: true }),
    mend: (world) => world.patch("kubernetes", "ippool", "192-168-0-0-17", { natOutgoing: false }),
    bite: answer("kubernetes/worker-3", "dcos/agent-3", translated),
    named: { checks: ["objects/kubernetes/*"], at: "kubernetes" },
    explained: {
      ...{ from: "kubernetes/worker-3", to: "dcos/agent-3" },
      ...{ link: "nat", at: "kubernetes" },
    },
  },
  {
    name: "the pool of a COE gives out nothing",
    layer: "objects",
    uses: ["pool of kubernetes"],
    plant: (world) => world.patch("kubernetes", "ippool", "192-168-0-0-17", { disabled: true }),
    mend: (world) => world.patch("kubernetes", "ippool", "192-168-0-0-17", { disabled: false }),
    bite: {
      by: "the CNI plugin of Calico, asked for an address on worker-1",
      measure: (world) => world.askForAddress("kubernetes/worker-1"),
      healthy: /"address": *"192\.168\./,
      bitten: /no configured Calico pools|failed|error/i,
    },
    named: { checks: ["objects/kubernetes/*"], at: "kubernetes" },
  },
  {
    name: "a COE has a pool that nobody planned",
    layer: "objects",
    uses: [],
    plant: (world) =>
      world.apply("dcos", "IPPool", "stray", { cidr: "10.44.0.0/24", nodeSelector: "!all()" }),
    mend: (world) => world.delete("dcos", "ippool", "stray"),
    bite: {
      by: "calicoctl ipam show",
      measure: (world) => world.calicoctl("dcos", ["ipam", "show"]),
      healthy: /^(?![\s\S]*10\.44\.0\.0)/,
      bitten: /10\.44\.0\.0\/24/,
    },
    named: { checks: ["objects/dcos/*"], at: "dcos", found: /10\.44\.0\.0\/24/ },
  },
  {
    name: "a policy of Calico denies one client before ours allows it",
    soak: true,
    layer: "policy",
    uses: ["kubernetes/worker-1", "dcos/agent-1"],
    plant: async (world) =>
      world.apply("kubernetes", policyKind, "planted", {
        ...{ order: 1, selector: everything, types: ["Ingress"] },
        ingress: [
          { action: "Deny", source: { nets: [`${await world.container("dcos/agent-1")}/32`] } },
        ],
      }),
    mend: (world) => world.delete("kubernetes", "globalnetworkpolicy", "planted"),
    bite: answer("dcos/agent-1", "kubernetes/worker-1", noAnswer),
    named: { checks: ["objects/kubernetes/*"], at: "kubernetes", found: /planted/ },
    explained: {
      ...{ from: "dcos/agent-1", to: "kubernetes/worker-1" },
      ...{ link: "policy", at: "kubernetes" },
    },
  },
  {
    name: "a policy of one namespace denies one client",
    soak: true,
    layer: "policy",
    uses: ["kubernetes/worker-2", "dcos/agent-2"],
    plant: async (world) =>
      world.apply(
        "kubernetes",
        "NetworkPolicy",
        "planted",
        {
          ...{ order: 500, selector: "all()", types: ["Ingress"] },
          ingress: [
            { action: "Deny", source: { nets: [`${await world.container("dcos/agent-2")}/32`] } },
          ],
        },
        { namespace: "seamless" },
      ),
    mend: (world) =>
      world.calicoctl("kubernetes", ["delete", "networkpolicy", "planted", "-n", "seamless"]),
    bite: answer("dcos/agent-2", "kubernetes/worker-2", noAnswer),
    named: { checks: ["objects/kubernetes/*"], at: "kubernetes", found: /planted/ },
    explained: {
      ...{ from: "dcos/agent-2", to: "kubernetes/worker-2" },
      ...{ link: "policy", at: "kubernetes" },
    },
  },
  {
    name: "a policy of the sender's COE denies one server",
    soak: true,
    layer: "policy",
    uses: ["dcos/agent-3", "kubernetes/worker-3"],
    plant: async (world) =>
      world.apply("dcos", policyKind, "planted", {
        ...{ order: 1, selector: everything, types: ["Egress"] },
        egress: [
          {
            action: "Deny",
            destination: { nets: [`${await world.container("kubernetes/worker-3")}/32`] },
          },
        ],
      }),
    mend: (world) => world.delete("dcos", "globalnetworkpolicy", "planted"),
    bite: answer("dcos/agent-3", "kubernetes/worker-3", noAnswer),
    named: { checks: ["objects/dcos/*"], at: "dcos", found: /planted/ },
    explained: {
      ...{ from: "dcos/agent-3", to: "kubernetes/worker-3" },
      ...{ link: "policy", at: "dcos" },
    },
  },
  {
    name: "a policy for an interface of one node drops what it forwards",
    layer: "policy",
    soak: true,
    uses: ["dcos/public-1", "kubernetes/controller"],
    async plant(world) {
      await world.apply(
        "dcos",
        "HostEndpoint",
        "planted",
        {
          ...{ node: "public-1", interfaceName: "eth0", profiles: ["projectcalico-default-allow"] },
        },
        { labels: { planted: "yes" } },
      );
      await world.apply("dcos", policyKind, "planted-forward", {
        ...{ order: 1, selector: "has(planted)", applyOnForward: true, types: ["Ingress"] },
        ingress: [
          {
            action: "Deny",
            source: { nets: [`${await world.container("kubernetes/controller")}/32`] },
          },
          { action: "Allow" },
        ],
      });
    },
    async mend(world) {
      await world.delete("dcos", "globalnetworkpolicy", "planted-forward");
      await world.delete("dcos", "hostendpoint", "planted");
    },
    bite: ping("kubernetes/controller", "dcos/public-1"),
    named: { checks: ["objects/dcos/*"], at: "dcos", found: /planted/ },
    explained: {
      ...{ from: "kubernetes/controller", to: "dcos/public-1" },
      ...{ link: "policy", at: "dcos" },
    },
  },
  {
    name: "a filter keeps one block from all nodes of a COE",
    soak: true,
    layer: "objects",
    uses: ["peer of kubernetes", "kubernetes/worker-3", "dcos/agent-3"],
    async plant(world) {
      const cidr = await world.block("dcos/agent-3");
      await world.apply("kubernetes", "BGPFilter", "planted", {
        importV4: [{ action: "Reject", matchOperator: "In", cidr }],
      });
      await world.patch("kubernetes", "bgppeer", "172-16-18-32", { filters: ["planted"] });
    },
    async mend(world) {
      await world.patch("kubernetes", "bgppeer", "172-16-18-32", { filters: null });
      await world.delete("kubernetes", "bgpfilter", "planted");
    },
    bite: {
      by: "ip route get in the node of the sender",
      measure: async (world) =>
        (
          await world.on("kubernetes/worker-3", [
            ...["ip", "-4", "route", "get", await world.container("dcos/agent-3")],
          ])
        ).stdout || "no route",
      healthy: /via 172\.16\.18\.46/,
      bitten: /^no route/,
    },
    named: { checks: ["objects/kubernetes/*"], at: "kubernetes", found: /filter/i },
    explained: {
      ...{ from: "kubernetes/worker-3", to: "dcos/agent-3" },
      ...{ link: "fib", at: "kubernetes/worker-3" },
    },
  },
  {
    name: "a pod has an address of a pool that nobody planned",
    layer: "ipam",
    uses: [],
    async plant(world) {
      await world.apply("kubernetes", "IPPool", "outside", {
        ...{ cidr: "10.55.0.0/24", blockSize: 28, nodeSelector: "!all()" },
      });
      await world.runPod("outside", "worker-2", {
        "cni.projectcalico.org/ipv4pools": '["outside"]',
      });
    },
    async mend(world) {
      await world.kubectl(
        "delete",
        "pod",
        "outside",
        "-n",
        "seamless",
        "--now",
        "--ignore-not-found",
      );
      await world.delete("kubernetes", "ippool", "outside");
    },
    bite: nodeSays(
      "kubernetes/worker-2",
      ["ip", "-4", "route"],
      /^(?![\s\S]*10\.55)/,
      /10\.55\S+ dev cali/,
    ),
    named: { checks: ["*kubernetes/worker-2"], at: "kubernetes/worker-2", found: /10\.55\./ },
  },
];
