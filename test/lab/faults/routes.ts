import type { Fault } from "./fault";
import { answer, hops, noAnswer, ping } from "./measure";
import { ip } from "./plant";
import { type NodeId, nodes } from "./world";

const ranges = { kubernetes: "192.168.0.0/17", dcos: "192.168.128.0/17" };
/** The process of Felix among those of Calico. */
const felix = "^calico-node -felix";
const pair = (from: NodeId, to: NodeId) => ({ from, to });

/** What the kernels of nodes and containers do with a packet: rules, routes, neighbours, cables. */
export const routes: readonly Fault[] = [
  {
    name: "a rule sends what containers say to another table",
    layer: "rules",
    uses: ["kubernetes/worker-1", "dcos/agent-1"],
    async plant(world) {
      const node = "kubernetes/worker-1";
      await world.must(node, "ip", "route", "add", "unreachable", "default", "table", "100");
      const rule = ["from", ranges.kubernetes, "lookup", "100", "priority", "100"];
      await world.must(node, "ip", "rule", "add", ...rule);
    },
    async mend(world) {
      await world.must("kubernetes/worker-1", "ip", "rule", "del", "priority", "100");
      await world.must("kubernetes/worker-1", "ip", "route", "flush", "table", "100");
    },
    bite: answer("kubernetes/worker-1", "dcos/agent-1", noAnswer),
    named: {
      checks: ["kernel/kubernetes/worker-1/routes", "fib/kubernetes/worker-1"],
      at: "kubernetes/worker-1",
    },
    explained: {
      ...pair("kubernetes/worker-1", "dcos/agent-1"),
      ...{ link: "rules", at: "kubernetes/worker-1" },
    },
  },
  {
    name: "a rule prohibits the other range",
    layer: "rules",
    uses: ["dcos/agent-2", "kubernetes/worker-2"],
    ...ip(
      "dcos/agent-2",
      async () => ["rule", "add", "to", ranges.kubernetes, "prohibit", "priority", "101"],
      async () => ["rule", "del", "priority", "101"],
    ),
    bite: answer("dcos/agent-2", "kubernetes/worker-2", noAnswer),
    named: { checks: ["kernel/dcos/agent-2/routes", "fib/dcos/agent-2"], at: "dcos/agent-2" },
    explained: {
      ...pair("dcos/agent-2", "kubernetes/worker-2"),
      ...{ link: "rules", at: "dcos/agent-2" },
    },
  },
  {
    name: "a rule drops what comes by one cable",
    layer: "rules",
    uses: ["kubernetes/worker-3", "dcos/agent-3"],
    ...ip(
      "kubernetes/worker-3",
      async (world) => [
        ...["rule", "add", "iif", await world.cable("kubernetes/worker-3")],
        ...["blackhole", "priority", "102"],
      ],
      async () => ["rule", "del", "priority", "102"],
    ),
    bite: answer("kubernetes/worker-3", "dcos/agent-3", noAnswer),
    named: {
      checks: ["kernel/kubernetes/worker-3/routes", "fib/kubernetes/worker-3"],
      at: "kubernetes/worker-3",
    },
    explained: {
      ...pair("kubernetes/worker-3", "dcos/agent-3"),
      ...{ link: "rules", at: "kubernetes/worker-3" },
    },
  },
  {
    name: "one container of a block is a blackhole",
    layer: "fib",
    soak: true,
    uses: ["dcos/agent-1", "kubernetes/worker-1"],
    ...ip(
      "dcos/agent-1",
      async (world) => ["route", "add", "blackhole", await world.container("kubernetes/worker-1")],
      async (world) => ["route", "del", "blackhole", await world.container("kubernetes/worker-1")],
    ),
    bite: answer("dcos/agent-1", "kubernetes/worker-1", noAnswer),
    named: { checks: ["kernel/dcos/agent-1/routes", "fib/dcos/agent-1"], at: "dcos/agent-1" },
    explained: {
      ...pair("dcos/agent-1", "kubernetes/worker-1"),
      ...{ link: "fib", at: "dcos/agent-1" },
    },
  },
  {
    name: "the way to a container makes a detour by a third node",
    layer: "fib",
    soak: true,
    uses: ["kubernetes/worker-3", "dcos/agent-3"],
    ...ip(
      "kubernetes/worker-3",
      async (world) => [
        ...["route", "add", await world.container("dcos/agent-3")],
        ...["via", nodes["dcos/agent-2"]?.address ?? ""],
      ],
      async (world) => ["route", "del", await world.container("dcos/agent-3")],
    ),
    // Replies take the detour, so the one who asks sees one router more.
    bite: hops("dcos/agent-3", "kubernetes/worker-3"),
    named: {
      checks: ["kernel/kubernetes/worker-3/routes", "fib/kubernetes/worker-3"],
      at: "kubernetes/worker-3",
    },
    explained: {
      ...pair("kubernetes/worker-3", "dcos/agent-3"),
      ...{ link: "fib", at: "kubernetes/worker-3" },
    },
  },
  {
    name: "a route leads to a host that knows no containers",
    layer: "fib",
    uses: ["dcos/public-1", "kubernetes/controller"],
    ...ip(
      "dcos/public-1",
      async (world) => [
        ...["route", "add", await world.container("kubernetes/controller")],
        ...["via", "172.16.18.32"],
      ],
      async (world) => ["route", "del", await world.container("kubernetes/controller")],
    ),
    bite: ping("dcos/public-1", "kubernetes/controller"),
    named: { checks: ["kernel/dcos/public-1/routes", "fib/dcos/public-1"], at: "dcos/public-1" },
    explained: {
      ...pair("dcos/public-1", "kubernetes/controller"),
      ...{ link: "fib", at: "dcos/public-1" },
    },
  },
  {
    name: "BIRD gives the kernel nothing, while its session is up",
    layer: "fib",
    soak: true,
    uses: ["kubernetes/worker-2", "dcos/agent-2"],
    async plant(world) {
      await world.birdc("kubernetes/worker-2", "disable", "kernel1");
      // Calico has BIRD leave its routes to the kernel when it goes.
      const learned = ["proto", "bird", "type", "unicast"];
      await world.must("kubernetes/worker-2", "ip", "-4", "route", "flush", ...learned);
    },
    mend: (world) => world.birdc("kubernetes/worker-2", "enable", "kernel1"),
    bite: answer("kubernetes/worker-2", "dcos/agent-2", noAnswer),
    named: {
      checks: ["kernel/kubernetes/worker-2/routes", "fib/kubernetes/worker-2"],
      at: "kubernetes/worker-2",
    },
    explained: {
      ...pair("kubernetes/worker-2", "dcos/agent-2"),
      ...{ link: "fib", at: "kubernetes/worker-2" },
    },
  },
  {
    name: "a node has no route to its own container, and Felix hangs",
    layer: "fib",
    uses: ["kubernetes/worker-2", "dcos/agent-2"],
    async plant(world) {
      const node = "kubernetes/worker-2";
      const [address, cable] = [await world.container(node), await world.cable(node)];
      // Felix puts a route back that is gone.
      await world.must(node, "kill", "-STOP", await world.calicoProcess(node, felix));
      await world.must(node, "ip", "route", "del", address, "dev", cable);
    },
    async mend(world) {
      const node = "kubernetes/worker-2";
      const back = [await world.container(node), "dev", await world.cable(node), "scope", "link"];
      await world.must(node, "ip", "route", "replace", ...back);
      await world.must(node, "kill", "-CONT", await world.calicoProcess(node, felix));
    },
    bite: answer("dcos/agent-2", "kubernetes/worker-2", noAnswer),
    named: { checks: ["kernel/kubernetes/worker-2/routes"], at: "kubernetes/worker-2" },
    explained: {
      ...pair("dcos/agent-2", "kubernetes/worker-2"),
      ...{ link: "fib", at: "kubernetes/worker-2" },
    },
  },
  {
    name: "the cable of a container is down",
    layer: "fib",
    uses: ["kubernetes/worker-1", "dcos/agent-1"],
    ...ip(
      "kubernetes/worker-1",
      async (world) => ["link", "set", await world.cable("kubernetes/worker-1"), "down"],
      async (world) => ["link", "set", await world.cable("kubernetes/worker-1"), "up"],
    ),
    bite: answer("dcos/agent-1", "kubernetes/worker-1", noAnswer),
    named: {
      checks: ["kernel/kubernetes/worker-1/routes", "fib/kubernetes/worker-1"],
      at: "kubernetes/worker-1",
    },
    explained: {
      ...pair("dcos/agent-1", "kubernetes/worker-1"),
      ...{ link: "fib", at: "kubernetes/worker-1" },
    },
  },
  {
    name: "a container has no default route",
    soak: true,
    layer: "fib",
    uses: ["kubernetes/worker-3", "dcos/agent-3"],
    async plant(world) {
      const address = await world.container("kubernetes/worker-3");
      await world.mustInside("kubernetes/worker-3", address, "ip", "route", "del", "default");
    },
    async mend(world) {
      const address = await world.container("kubernetes/worker-3");
      const via = ["default", "via", "169.254.1.1", "dev", "eth0"];
      await world.mustInside("kubernetes/worker-3", address, "ip", "route", "replace", ...via);
    },
    bite: answer("dcos/agent-3", "kubernetes/worker-3", noAnswer),
    named: { checks: ["path/*"], at: "kubernetes/worker-3" },
    explained: {
      ...pair("dcos/agent-3", "kubernetes/worker-3"),
      ...{ link: "fib", at: "kubernetes/worker-3" },
    },
  },
  {
    name: "a node has a wrong hardware address for another",
    layer: "neighbour",
    soak: true,
    uses: ["kubernetes/controller", "dcos/public-1"],
    ...ip(
      "kubernetes/controller",
      async () => [
        ...["neigh", "replace", "172.16.18.45", "lladdr", "02:00:00:00:00:99"],
        ...["dev", "eth0", "nud", "permanent"],
      ],
      async () => ["neigh", "del", "172.16.18.45", "dev", "eth0"],
    ),
    bite: ping("kubernetes/controller", "dcos/public-1"),
    named: { checks: ["kernel/kubernetes/controller/links"], at: "kubernetes/controller" },
    explained: {
      ...pair("kubernetes/controller", "dcos/public-1"),
      ...{ link: "next hop", at: "kubernetes/controller" },
    },
  },
];
