import type { Fault } from "./fault";
import { answer, noAnswer, ping } from "./measure";
import { iptables } from "./plant";
import { type NodeId, nodes, type World } from "./world";

const ranges = { kubernetes: "192.168.0.0/17", dcos: "192.168.128.0/17" };
const pair = (from: NodeId, to: NodeId) => ({ from, to });

/** Two nodes forget each other's link addresses, which they would use for a minute yet. */
async function forget(world: World, ...both: readonly [NodeId, NodeId]): Promise<void> {
  const [one, other] = both;
  for (const [node, peer] of [
    [one, other],
    [other, one],
  ] as const)
    await world.on(node, ["ip", "neighbour", "del", nodes[peer]?.address ?? "", "dev", "eth0"]);
}

/** What the rules of iptables alone do not show: ARP, policies of IPsec, sets, queues, rules about one protocol. */
export const beside: readonly Fault[] = [
  {
    name: "one node answers nobody who asks for its link address",
    soak: true,
    layer: "neighbour",
    uses: ["kubernetes/worker-1", "dcos/agent-1"],
    async plant(world) {
      await world.must("dcos/agent-1", "sysctl", "-qw", "net.ipv4.conf.eth0.arp_ignore=8");
      await forget(world, "kubernetes/worker-1", "dcos/agent-1");
    },
    mend: (world) => world.must("dcos/agent-1", "sysctl", "-qw", "net.ipv4.conf.eth0.arp_ignore=0"),
    bite: ping("kubernetes/worker-1", "dcos/agent-1"),
    named: { checks: ["kernel/dcos/agent-1/forwarding"], at: "dcos/agent-1" },
    explained: {
      ...pair("kubernetes/worker-1", "dcos/agent-1"),
      ...{ link: "sysctl", at: "dcos/agent-1" },
    },
  },
  {
    name: "a rule of arptables drops what another node asks and answers",
    soak: true,
    layer: "neighbour",
    uses: ["kubernetes/worker-2", "dcos/agent-2"],
    async plant(world) {
      const source = ["-s", nodes["dcos/agent-2"]?.address ?? ""];
      await world.must(
        "kubernetes/worker-2",
        "arptables-nft",
        "-A",
        "INPUT",
        ...source,
        "-j",
        "DROP",
      );
      await forget(world, "kubernetes/worker-2", "dcos/agent-2");
    },
    mend: (world) => world.must("kubernetes/worker-2", "arptables-nft", "-F", "INPUT"),
    bite: answer("kubernetes/worker-2", "dcos/agent-2", noAnswer),
    named: { checks: ["kernel/kubernetes/worker-2/links"], at: "kubernetes/worker-2" },
    explained: {
      ...pair("kubernetes/worker-2", "dcos/agent-2"),
      ...{ link: "next hop", at: "kubernetes/worker-2" },
    },
  },
  {
    name: "a policy of IPsec drops what one node forwards",
    soak: true,
    layer: "drop",
    uses: ["kubernetes/worker-3", "dcos/agent-3"],
    plant: (world) => policy(world, "add", "action", "block"),
    mend: (world) => policy(world, "del"),
    bite: answer("kubernetes/worker-3", "dcos/agent-3", noAnswer),
    named: { checks: ["kernel/dcos/agent-3/firewall"], at: "dcos/agent-3" },
    explained: {
      ...pair("kubernetes/worker-3", "dcos/agent-3"),
      ...{ link: "drop", at: "dcos/agent-3" },
    },
  },
  {
    name: "one node hands packets to a program that is not there",
    soak: true,
    layer: "drop",
    uses: ["kubernetes/controller", "dcos/public-1"],
    ...iptables("dcos/public-1", "filter", "FORWARD", [
      ...["-s", ranges.kubernetes, "-j", "NFQUEUE", "--queue-num", "5"],
    ]),
    bite: ping("kubernetes/controller", "dcos/public-1"),
    named: { checks: ["kernel/dcos/public-1/firewall"], at: "dcos/public-1" },
    explained: {
      ...pair("kubernetes/controller", "dcos/public-1"),
      ...{ link: "drop", at: "dcos/public-1" },
    },
  },
  {
    name: "one node drops what comes from a set of addresses",
    soak: true,
    layer: "drop",
    uses: ["kubernetes/controller", "dcos/public-1"],
    async plant(world) {
      const node = "kubernetes/controller";
      await world.must(node, "ipset", "create", "blocked", "hash:net");
      await world.must(node, "ipset", "add", "blocked", "192.168.128.0/18");
      await world.must(node, "iptables", "-w", "-I", "FORWARD", ...fromSet);
    },
    async mend(world) {
      const node = "kubernetes/controller";
      await world.must(node, "iptables", "-w", "-D", "FORWARD", ...fromSet);
      await world.must(node, "ipset", "destroy", "blocked");
    },
    bite: ping("dcos/public-1", "kubernetes/controller"),
    named: { checks: ["kernel/kubernetes/controller/firewall"], at: "kubernetes/controller" },
    explained: {
      ...pair("dcos/public-1", "kubernetes/controller"),
      ...{ link: "drop", at: "kubernetes/controller" },
    },
  },
  {
    name: "a rule prohibits one protocol",
    soak: true,
    layer: "rules",
    uses: ["kubernetes/worker-3", "dcos/agent-3"],
    async plant(world) {
      await world.must("kubernetes/worker-3", "ip", "rule", "add", "priority", "100", ...byTcp);
    },
    mend: (world) => world.must("kubernetes/worker-3", "ip", "rule", "del", "priority", "100"),
    bite: answer("kubernetes/worker-3", "dcos/agent-3", noAnswer),
    named: { checks: ["kernel/kubernetes/worker-3/routes"], at: "kubernetes/worker-3" },
    explained: {
      ...pair("kubernetes/worker-3", "dcos/agent-3"),
      ...{ link: "rules", at: "kubernetes/worker-3" },
    },
  },
];

const fromSet = ["-m", "set", "--match-set", "blocked", "src", "-j", "DROP"];
const byTcp = ["to", ranges.dcos, "ipproto", "tcp", "prohibit"];

function policy(world: World, action: "add" | "del", ...more: readonly string[]) {
  const selector = ["src", ranges.kubernetes, "dst", ranges.dcos, "dir", "fwd"];
  return world.must("dcos/agent-3", "ip", "xfrm", "policy", action, ...selector, ...more);
}
