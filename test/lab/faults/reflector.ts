import type { Fault } from "./fault";
import { gobgpSays, nodeSays } from "./measure";
import type { World } from "./world";

const at = "reflector";
const accepts = ["global", "policy", "import"];
const defaultOf = (action: string) => new RegExp(`Default: ROUTE_ACTION_${action}`);
/** Has the reflector take a path that its acceptance keeps out. */
async function inject(world: World, prefix: string, nextHop: string): Promise<void> {
  await world.gobgp("policy", "prefix", "add", "past", prefix);
  await world.gobgp("policy", "statement", "add", "past");
  await world.gobgp("policy", "statement", "past", "add", "condition", "prefix", "past");
  await world.gobgp("policy", "statement", "past", "add", "action", "accept");
  await world.gobgp("policy", "add", "past", "past");
  await world.gobgp(...accepts, "add", "past", "default", "reject");
  await world.gobgp("global", "rib", "add", prefix, "nexthop", nextHop);
  await world.gobgp(...accepts, "del", "past");
  await world.gobgp("policy", "del", "past");
  await world.gobgp("policy", "statement", "del", "past");
  await world.gobgp("policy", "prefix", "del", "past");
}

const del = (prefix: string) => (world: World) => world.gobgp("global", "rib", "del", prefix);
const routeTo = (prefix: string) => ["ip", "-4", "route", "show", prefix];

/** What the reflector accepts, holds and sends. */
export const reflector: readonly Fault[] = [
  {
    name: "the reflector accepts everything",
    layer: "acceptance",
    uses: ["reflector"],
    plant: (world) => world.gobgp(...accepts, "set", "fence", "default", "accept"),
    mend: (world) => world.gobgp(...accepts, "set", "fence", "default", "reject"),
    bite: gobgpSays(accepts, defaultOf("REJECT"), defaultOf("ACCEPT")),
    named: { checks: ["acceptance/reflector"], at },
  },
  {
    name: "the reflector accepts another COE's range from one node",
    layer: "acceptance",
    uses: ["reflector"],
    plant: (world) =>
      world.gobgp("policy", "prefix", "add", "kubernetes/worker-3", "192.168.128.0/17", "26..26"),
    mend: (world) =>
      world.gobgp("policy", "prefix", "del", "kubernetes/worker-3", "192.168.128.0/17", "26..26"),
    bite: gobgpSays(
      ["policy", "prefix", "kubernetes/worker-3"],
      /^(?![\s\S]*192\.168\.128\.0)/,
      /192\.168\.128\.0\/17/,
    ),
    named: { checks: ["acceptance/reflector"], at, found: /172\.16\.18\.36/ },
  },
  {
    name: "the reflector accepts nothing from one node",
    soak: true,
    layer: "acceptance",
    uses: ["reflector", "dcos/agent-1", "kubernetes/worker-1"],
    async plant(world) {
      for (const lengths of ["26..26", "32..32"])
        await world.gobgp("policy", "prefix", "del", "dcos/agent-1", "192.168.128.0/17", lengths);
      await world.gobgp("policy", "prefix", "add", "dcos/agent-1", "192.168.255.0/26", "26..26");
      await world.gobgp("neighbor", "172.16.18.43", "softresetin");
    },
    async mend(world) {
      for (const lengths of ["26..26", "32..32"])
        await world.gobgp("policy", "prefix", "add", "dcos/agent-1", "192.168.128.0/17", lengths);
      await world.gobgp("policy", "prefix", "del", "dcos/agent-1", "192.168.255.0/26", "26..26");
      await world.gobgp("neighbor", "172.16.18.43", "softresetin");
    },
    bite: gobgpSays(["global", "rib"], /172\.16\.18\.43/, /^(?![\s\S]*172\.16\.18\.43)/),
    named: { checks: ["acceptance/reflector"], at, found: /172\.16\.18\.43/ },
    explained: {
      ...{ from: "kubernetes/worker-1", to: "dcos/agent-1" },
      ...{ link: "acceptance", at },
    },
  },
  {
    name: "the reflector holds a prefix that nobody has announced",
    layer: "rib",
    uses: ["reflector"],
    plant: (world) => inject(world, "192.168.100.0/26", "172.16.18.34"),
    mend: del("192.168.100.0/26"),
    bite: nodeSays("dcos/agent-3", routeTo("192.168.100.0/26"), /^$/, /via 172\.16\.18\.34/),
    named: { checks: ["rib/reflector"], at, found: /192\.168\.100\.0\/26/ },
  },
  {
    name: "the reflector holds a default route",
    layer: "rib",
    uses: ["reflector"],
    plant: (world) => inject(world, "0.0.0.0/0", "172.16.18.42"),
    mend: del("0.0.0.0/0"),
    bite: nodeSays("dcos/agent-2", routeTo("default"), /^$/, /via 172\.16\.18\.42/),
    named: { checks: ["rib/reflector"], at, found: /0\.0\.0\.0\/0/ },
  },
  {
    name: "the reflector leads one container's packets to another node",
    layer: "rib",
    soak: true,
    uses: ["reflector", "kubernetes/controller", "dcos/public-1"],
    plant: async (world) =>
      inject(world, `${await world.container("dcos/public-1")}/32`, "172.16.18.32"),
    mend: async (world) => del(`${await world.container("dcos/public-1")}/32`)(world),
    bite: {
      by: "ip route get in the node of the sender",
      measure: async (world) =>
        world.must(
          "kubernetes/controller",
          ...["ip", "-4", "route", "get", await world.container("dcos/public-1")],
        ),
      healthy: /via 172\.16\.18\.45/,
      bitten: /via 172\.16\.18\.32/,
    },
    named: { checks: ["rib/reflector"], at },
    explained: {
      ...{ from: "kubernetes/controller", to: "dcos/public-1" },
      ...{ link: "rib", at },
    },
  },
  {
    name: "the reflector keeps one block from one node",
    layer: "acceptance",
    soak: true,
    uses: ["reflector", "kubernetes/worker-2", "dcos/agent-2"],
    async plant(world) {
      const block = await world.block("dcos/agent-2");
      await world.gobgp("policy", "prefix", "add", "kept", block);
      await world.gobgp("policy", "neighbor", "add", "kept", "172.16.18.35/32");
      await world.gobgp("policy", "statement", "add", "kept");
      await world.gobgp("policy", "statement", "kept", "add", "condition", "prefix", "kept");
      await world.gobgp("policy", "statement", "kept", "add", "condition", "neighbor", "kept");
      await world.gobgp("policy", "statement", "kept", "add", "action", "reject");
      await world.gobgp("policy", "add", "kept", "kept");
      await world.gobgp("global", "policy", "export", "add", "kept");
      await world.gobgp("neighbor", "172.16.18.35", "softresetout");
    },
    async mend(world) {
      await world.gobgp("global", "policy", "export", "del", "kept");
      await world.gobgp("policy", "del", "kept");
      await world.gobgp("policy", "statement", "del", "kept");
      await world.gobgp("policy", "prefix", "del", "kept");
      await world.gobgp("policy", "neighbor", "del", "kept");
      await world.gobgp("neighbor", "172.16.18.35", "softresetout");
    },
    bite: {
      by: "ip route get in the node of the sender",
      measure: async (world) =>
        (
          await world.on("kubernetes/worker-2", [
            ...["ip", "-4", "route", "get", await world.container("dcos/agent-2")],
          ])
        ).stdout || "no route",
      healthy: /via 172\.16\.18\.44/,
      bitten: /^no route/,
    },
    named: { checks: ["fib/kubernetes/worker-2"], at: "kubernetes/worker-2" },
    explained: {
      ...{ from: "kubernetes/worker-2", to: "dcos/agent-2" },
      ...{ link: "fib", at: "kubernetes/worker-2" },
    },
  },
];
