import type { Fault } from "./fault";
import { birdSays, gobgpSays, sessionState } from "./measure";
import { type NodeId, nodes, type World } from "./world";

const address = (node: NodeId) => nodes[node]?.address ?? "";
const reflector = "reflector";
/** What Calico calls the session with the reflector in BIRD's configuration. */
const peer = "Global_172_16_18_32";
const silent = /no answer of BIRD/;
const established = / Established/;
const strangers = [
  ["agent-1", "agent-3"],
  ["agent-3", "agent-1"],
] as const;

/** Refuses what comes of BGP, whoever has begun. */
async function refuseBgp(world: World, node: NodeId, action: "-I" | "-D"): Promise<void> {
  for (const port of ["--dport", "--sport"]) {
    const rule = ["-p", "tcp", port, "179", "-j", "REJECT", "--reject-with", "tcp-reset"];
    await world.must(node, "iptables", "-w", action, "INPUT", ...rule);
  }
}

/** Sessions between nodes and the reflector, and those that nobody planned. */
export const sessions: readonly Fault[] = [
  {
    name: "BIRD has stopped on one node",
    layer: "session",
    uses: ["dcos/agent-3", "kubernetes/worker-3"],
    plant: (world) => world.service("dcos/agent-3", "down", "bird"),
    mend: (world) => world.service("dcos/agent-3", "up", "bird"),
    bite: sessionState("dcos/agent-3"),
    named: { checks: ["session/reflector/dcos/agent-3"], at: "dcos/agent-3" },
    explained: {
      ...{ from: "kubernetes/worker-3", to: "dcos/agent-3" },
      ...{ link: "session", at: "dcos/agent-3" },
    },
  },
  {
    name: "BIRD hangs on one node, its session still counts as up",
    soak: true,
    layer: "session",
    uses: ["kubernetes/worker-1"],
    async plant(world) {
      const bird = await world.calicoProcess("kubernetes/worker-1", "^bird -R");
      await world.must("kubernetes/worker-1", "kill", "-STOP", bird);
    },
    async mend(world) {
      const bird = await world.calicoProcess("kubernetes/worker-1", "^bird -R");
      await world.must("kubernetes/worker-1", "kill", "-CONT", bird);
    },
    bite: birdSays("kubernetes/worker-1", ["show", "status"], /up and running/, silent),
    named: { checks: ["speaker/kubernetes/worker-1"], at: "kubernetes/worker-1" },
  },
  {
    name: "the reflector has one session switched off",
    layer: "session",
    uses: ["kubernetes/controller", "dcos/public-1"],
    plant: (world) => world.gobgp("neighbor", address("kubernetes/controller"), "disable"),
    mend: (world) => world.gobgp("neighbor", address("kubernetes/controller"), "enable"),
    bite: birdSays(
      "kubernetes/controller",
      ["show", "protocols", peer],
      established,
      /BGP(?!.* Established)/,
    ),
    named: {
      checks: ["session/reflector/kubernetes/controller"],
      at: "kubernetes/controller",
    },
    explained: {
      ...{ from: "dcos/public-1", to: "kubernetes/controller" },
      ...{ link: "session", at: "kubernetes/controller" },
    },
  },
  {
    name: "a filter on one node refuses BGP",
    layer: "session",
    soak: true,
    uses: ["dcos/agent-2", "kubernetes/worker-2"],
    async plant(world) {
      await refuseBgp(world, "dcos/agent-2", "-I");
      // The reflector sends its routes again, and finds out.
      await world.gobgp("neighbor", address("dcos/agent-2"), "softresetout");
    },
    mend: (world) => refuseBgp(world, "dcos/agent-2", "-D"),
    bite: sessionState("dcos/agent-2"),
    named: { checks: ["session/reflector/dcos/agent-2"], at: "dcos/agent-2" },
    explained: {
      ...{ from: "kubernetes/worker-2", to: "dcos/agent-2" },
      ...{ link: "session", at: "dcos/agent-2" },
    },
  },
  {
    name: "one node has another AS number",
    layer: "session",
    soak: true,
    uses: ["kubernetes/worker-2", "dcos/agent-2"],
    plant: (world) => world.patch("kubernetes", "node", "worker-2", { bgp: { asNumber: 64999 } }),
    mend: (world) => world.patch("kubernetes", "node", "worker-2", { bgp: { asNumber: null } }),
    bite: sessionState("kubernetes/worker-2"),
    named: {
      checks: ["session/reflector/kubernetes/worker-2", "objects/kubernetes/*"],
      at: "kubernetes/worker-2",
    },
    explained: {
      ...{ from: "dcos/agent-2", to: "kubernetes/worker-2" },
      ...{ link: "session", at: "kubernetes/worker-2" },
    },
  },
  {
    name: "one node does not reach the reflector, which still has its session",
    soak: true,
    layer: "session",
    uses: ["dcos/agent-1", "kubernetes/worker-1"],
    async plant(world) {
      await world.must("dcos/agent-1", "ip", "route", "add", "blackhole", "172.16.18.32");
      await world.birdc("dcos/agent-1", "restart", peer);
    },
    mend: (world) => world.must("dcos/agent-1", "ip", "route", "del", "blackhole", "172.16.18.32"),
    bite: birdSays(
      "dcos/agent-1",
      ["show", "protocols", peer],
      established,
      /BGP(?!.* Established)/,
    ),
    named: { checks: ["speaker/dcos/agent-1"], at: "dcos/agent-1" },
    explained: {
      ...{ from: "kubernetes/worker-1", to: "dcos/agent-1" },
      ...{ link: "session", at: "dcos/agent-1" },
    },
  },
  {
    name: "the peer of a COE leaves out one node",
    layer: "objects",
    soak: true,
    uses: ["peer of kubernetes", "kubernetes/worker-3", "dcos/agent-3"],
    plant: (world) =>
      world.patch("kubernetes", "bgppeer", "172-16-18-32", {
        nodeSelector: "kubernetes.io/hostname != 'worker-3'",
      }),
    mend: (world) => world.patch("kubernetes", "bgppeer", "172-16-18-32", { nodeSelector: null }),
    bite: sessionState("kubernetes/worker-3"),
    named: {
      checks: ["session/reflector/kubernetes/worker-3", "objects/kubernetes/*"],
      at: "kubernetes/worker-3",
    },
    explained: {
      ...{ from: "dcos/agent-3", to: "kubernetes/worker-3" },
      ...{ link: "session", at: "kubernetes/worker-3" },
    },
  },
  {
    name: "the reflector has a neighbour that nobody planned",
    layer: "session",
    uses: [],
    plant: (world) => world.gobgp("neighbor", "add", "172.16.18.99", "as", "64511"),
    mend: (world) => world.gobgp("neighbor", "del", "172.16.18.99"),
    bite: gobgpSays(["neighbor"], /^(?![\s\S]*172\.16\.18\.99)/, /172\.16\.18\.99/),
    named: { checks: ["session/reflector/unplanned"], at: reflector },
  },
  {
    name: "two nodes have a session with each other that nobody planned",
    layer: "objects",
    uses: ["sessions of dcos"],
    async plant(world) {
      for (const [node, other] of strangers)
        await world.apply("dcos", "BGPPeer", `planted-${node}`, {
          ...{ node, peerIP: address(`dcos/${other}`), asNumber: 64511 },
        });
    },
    async mend(world) {
      for (const [node] of strangers) await world.delete("dcos", "bgppeer", `planted-${node}`);
    },
    bite: birdSays(
      "dcos/agent-1",
      ["show", "protocols"],
      /^(?![\s\S]*Node_172_16_18_46)/,
      /Node_172_16_18_46.* Established/,
    ),
    named: { checks: ["speaker/dcos/agent-1"], at: "dcos/agent-1", found: /Node_172_16_18_46/ },
  },
];
