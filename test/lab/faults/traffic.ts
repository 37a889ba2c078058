import type { Fault } from "./fault";
import { answer, noAnswer, ping, servedBy, translated } from "./measure";
import { iptables, sysctl } from "./plant";
import type { NodeId } from "./world";

const ranges = { kubernetes: "192.168.0.0/17", dcos: "192.168.128.0/17" };
const uses = (...nodes: readonly NodeId[]) => nodes;

/** What a node does to packets beside routing them: translation, filters, sizes, settings of its kernel. */
export const traffic: readonly Fault[] = [
  {
    name: "one node translates the addresses of its containers",
    layer: "nat",
    uses: uses("dcos/agent-1", "kubernetes/worker-1"),
    ...iptables("dcos/agent-1", "nat", "POSTROUTING", [
      ...["-s", ranges.dcos, "-d", ranges.kubernetes, "-j", "MASQUERADE"],
    ]),
    bite: answer("dcos/agent-1", "kubernetes/worker-1", translated),
    named: { checks: ["kernel/dcos/agent-1/firewall"], at: "dcos/agent-1" },
    explained: { from: "dcos/agent-1", to: "kubernetes/worker-1", link: "nat", at: "dcos/agent-1" },
  },
  {
    name: "one node translates addresses in the tables of iptables-legacy",
    layer: "nat",
    uses: uses("kubernetes/worker-2", "dcos/agent-2"),
    ...iptables(
      "kubernetes/worker-2",
      "nat",
      "POSTROUTING",
      [...["-s", ranges.kubernetes, "-o", "eth0", "-j", "SNAT", "--to-source", "172.16.18.35"]],
      "iptables-legacy",
    ),
    bite: answer("kubernetes/worker-2", "dcos/agent-2", translated),
    named: { checks: ["kernel/kubernetes/worker-2/firewall"], at: "kubernetes/worker-2" },
    explained: {
      ...{ from: "kubernetes/worker-2", to: "dcos/agent-2" },
      ...{ link: "nat", at: "kubernetes/worker-2" },
    },
  },
  {
    name: "one node sends what is for a container to another",
    layer: "nat",
    uses: uses("kubernetes/worker-3", "dcos/agent-3"),
    ...iptables("kubernetes/worker-3", "nat", "PREROUTING", async (world) => [
      ...["-p", "tcp", "-d", await world.container("dcos/agent-3"), "--dport", "8080"],
      ...["-j", "DNAT", "--to-destination", `${await world.container("dcos/agent-2")}:8080`],
    ]),
    bite: servedBy("kubernetes/worker-3", "dcos/agent-3"),
    named: { checks: ["kernel/kubernetes/worker-3/firewall"], at: "kubernetes/worker-3" },
    explained: {
      ...{ from: "kubernetes/worker-3", to: "dcos/agent-3" },
      ...{ link: "nat", at: "kubernetes/worker-3" },
    },
  },
  {
    name: "one node drops what it forwards from the other range",
    layer: "drop",
    uses: uses("kubernetes/worker-2", "dcos/agent-2"),
    ...iptables("dcos/agent-2", "filter", "FORWARD", ["-s", ranges.kubernetes, "-j", "DROP"]),
    bite: answer("kubernetes/worker-2", "dcos/agent-2", noAnswer),
    named: { checks: ["kernel/dcos/agent-2/firewall"], at: "dcos/agent-2" },
    explained: {
      ...{ from: "kubernetes/worker-2", to: "dcos/agent-2" },
      ...{ link: "drop", at: "dcos/agent-2" },
    },
  },
  {
    name: "one node drops in the raw table, before any other",
    layer: "drop",
    uses: uses("kubernetes/controller", "dcos/public-1"),
    ...iptables("kubernetes/controller", "raw", "PREROUTING", ["-d", ranges.dcos, "-j", "DROP"]),
    bite: ping("kubernetes/controller", "dcos/public-1"),
    named: { checks: ["kernel/kubernetes/controller/firewall"], at: "kubernetes/controller" },
    explained: {
      ...{ from: "kubernetes/controller", to: "dcos/public-1" },
      ...{ link: "drop", at: "kubernetes/controller" },
    },
  },
  {
    name: "one node drops in the tables of iptables-legacy",
    layer: "drop",
    uses: uses("kubernetes/controller", "dcos/public-1"),
    ...iptables(
      "dcos/public-1",
      "filter",
      "FORWARD",
      ["-d", ranges.kubernetes, "-j", "DROP"],
      "iptables-legacy",
    ),
    bite: ping("dcos/public-1", "kubernetes/controller"),
    named: { checks: ["kernel/dcos/public-1/firewall"], at: "dcos/public-1" },
    explained: {
      ...{ from: "dcos/public-1", to: "kubernetes/controller" },
      ...{ link: "drop", at: "dcos/public-1" },
    },
  },
  {
    name: "one node drops answers only",
    layer: "drop",
    uses: uses("kubernetes/worker-3", "dcos/agent-3"),
    ...iptables("dcos/agent-3", "mangle", "FORWARD", [
      ...["-p", "tcp", "--sport", "8080", "-m", "conntrack", "--ctstate", "ESTABLISHED"],
      ...["-j", "DROP"],
    ]),
    bite: answer("kubernetes/worker-3", "dcos/agent-3", noAnswer),
    named: { checks: ["kernel/dcos/agent-3/firewall"], at: "dcos/agent-3" },
    explained: {
      ...{ from: "kubernetes/worker-3", to: "dcos/agent-3" },
      ...{ link: "drop", at: "dcos/agent-3" },
    },
  },
  {
    name: "a container drops what comes from another range",
    soak: true,
    layer: "drop",
    uses: uses("kubernetes/worker-1", "dcos/agent-1"),
    async plant(world) {
      // Its own agent still finds it healthy.
      const rule = ["INPUT", "-s", ranges.kubernetes, "-p", "tcp", "--dport", "8080", "-j", "DROP"];
      const address = await world.container("dcos/agent-1");
      await world.mustInside("dcos/agent-1", address, "iptables", "-I", ...rule);
    },
    async mend(world) {
      const address = await world.container("dcos/agent-1");
      await world.mustInside("dcos/agent-1", address, "iptables", "-F", "INPUT");
    },
    bite: answer("kubernetes/worker-1", "dcos/agent-1", noAnswer),
    named: { checks: ["path/*"], at: "dcos/agent-1" },
    explained: {
      ...{ from: "kubernetes/worker-1", to: "dcos/agent-1" },
      ...{ link: "drop", at: "dcos/agent-1" },
    },
  },
  {
    name: "one node drops packets over 1000 bytes",
    layer: "mtu",
    uses: uses("kubernetes/worker-1", "dcos/agent-1"),
    ...iptables("kubernetes/worker-1", "filter", "FORWARD", [
      ...["-m", "length", "--length", "1001:65535", "-j", "DROP"],
    ]),
    bite: ping("kubernetes/worker-1", "dcos/agent-1", 1400),
    named: { checks: ["kernel/kubernetes/worker-1/firewall"], at: "kubernetes/worker-1" },
    explained: {
      ...{ from: "kubernetes/worker-1", to: "dcos/agent-1" },
      ...{ link: "drop", at: "kubernetes/worker-1" },
    },
  },
  {
    name: "the interface of one node carries less than the others",
    layer: "mtu",
    uses: uses("dcos/agent-1", "kubernetes/worker-1"),
    plant: (world) => world.must("dcos/agent-1", "ip", "link", "set", "eth0", "mtu", "1300"),
    async mend(world) {
      await world.must("dcos/agent-1", "ip", "link", "set", "eth0", "mtu", "1500");
      await world.forgetSizes("dcos/agent-1");
    },
    bite: ping("dcos/agent-1", "kubernetes/worker-1", 1500),
    named: { checks: ["kernel/dcos/agent-1/links"], at: "dcos/agent-1" },
    explained: { from: "dcos/agent-1", to: "kubernetes/worker-1", link: "mtu", at: "dcos/agent-1" },
  },
  {
    name: "a route to one container has an MTU of its own",
    layer: "mtu",
    uses: uses("kubernetes/worker-2", "dcos/agent-2"),
    async plant(world) {
      const to = await world.container("dcos/agent-2");
      const via = ["via", "172.16.18.44", "mtu", "lock", "1000"];
      await world.must("kubernetes/worker-2", "ip", "route", "add", to, ...via);
    },
    async mend(world) {
      const to = await world.container("dcos/agent-2");
      await world.must("kubernetes/worker-2", "ip", "route", "del", to);
      await world.forgetSizes("kubernetes/worker-2");
    },
    bite: ping("kubernetes/worker-2", "dcos/agent-2", 1400),
    named: { checks: ["kernel/kubernetes/worker-2/links"], at: "kubernetes/worker-2" },
    explained: {
      ...{ from: "kubernetes/worker-2", to: "dcos/agent-2" },
      ...{ link: "mtu", at: "kubernetes/worker-2" },
    },
  },
  {
    name: "the cable of a container carries less than the node",
    soak: true,
    layer: "mtu",
    uses: uses("kubernetes/worker-3", "dcos/agent-3"),
    async plant(world) {
      const cable = await world.cable("kubernetes/worker-3");
      await world.must("kubernetes/worker-3", "ip", "link", "set", cable, "mtu", "1000");
    },
    async mend(world) {
      const cable = await world.cable("kubernetes/worker-3");
      await world.must("kubernetes/worker-3", "ip", "link", "set", cable, "mtu", "1500");
      await world.forgetSizes("dcos/agent-3");
    },
    bite: ping("dcos/agent-3", "kubernetes/worker-3", 1400),
    named: { checks: ["path/*"], at: "kubernetes/worker-3" },
    explained: {
      ...{ from: "dcos/agent-3", to: "kubernetes/worker-3" },
      ...{ link: "mtu", at: "kubernetes/worker-3" },
    },
  },
  {
    name: "one node forwards nothing",
    layer: "sysctl",
    uses: uses("dcos/agent-3", "kubernetes/worker-3"),
    ...sysctl("dcos/agent-3", "net.ipv4.ip_forward", 0, 1),
    bite: answer("kubernetes/worker-3", "dcos/agent-3", noAnswer),
    named: { checks: ["kernel/dcos/agent-3/forwarding"], at: "dcos/agent-3" },
    explained: {
      ...{ from: "kubernetes/worker-3", to: "dcos/agent-3" },
      ...{ link: "sysctl", at: "dcos/agent-3" },
    },
  },
  {
    name: "one node does not forward what comes by its interface",
    layer: "sysctl",
    uses: uses("kubernetes/controller", "dcos/public-1"),
    ...sysctl("kubernetes/controller", "net.ipv4.conf.eth0.forwarding", 0, 1),
    bite: ping("dcos/public-1", "kubernetes/controller"),
    named: { checks: ["kernel/kubernetes/controller/forwarding"], at: "kubernetes/controller" },
    explained: {
      ...{ from: "dcos/public-1", to: "kubernetes/controller" },
      ...{ link: "sysctl", at: "kubernetes/controller" },
    },
  },
  {
    name: "the node does not answer for a container's gateway",
    soak: true,
    layer: "sysctl",
    uses: uses("kubernetes/controller", "dcos/public-1"),
    async plant(world) {
      const [node, address] = ["dcos/public-1" as const, await world.container("dcos/public-1")];
      const key = `net/ipv4/conf/${await world.cable(node)}/proxy_arp`;
      await world.must(node, "sysctl", "-qw", `${key}=0`);
      await world.mustInside(node, address, "ip", "neigh", "flush", "all");
    },
    async mend(world) {
      const key = `net/ipv4/conf/${await world.cable("dcos/public-1")}/proxy_arp`;
      await world.must("dcos/public-1", "sysctl", "-qw", `${key}=1`);
    },
    bite: ping("dcos/public-1", "kubernetes/controller"),
    named: { checks: ["path/*"], at: "dcos/public-1" },
    explained: {
      ...{ from: "dcos/public-1", to: "kubernetes/controller" },
      ...{ link: "sysctl", at: "dcos/public-1" },
    },
  },
];
