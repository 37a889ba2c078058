import { type Fault, large, TwoHosts } from "../helpers/two-hosts";
import { pod, podBlock, task, taskBlock } from "../unit/verify/fixture";

/*
 * Faults of routes, settings and links. The kernels are real, so that each fault is first seen to bite, and is then named on
 * the right node by what the kernel says of itself.
 */
const hosts = new TwoHosts();
beforeAll(() => hosts.up());
afterAll(() => hosts.down());
jest.setTimeout(90_000);

test("nothing is named where all is well", async () => {
  expect(await hosts.passes(large)).toBe(true);
  expect(await hosts.named()).toEqual({});
});

/** More than such a class lets through in a second. */
const crowd = `import socket
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(20): out.sendto(bytes(1400), ("172.16.18.34", 9))`;

test.each<Fault>([
  [
    "forwarding that is off",
    "agent",
    "sysctl -qw net.ipv4.ip_forward=0",
    "sysctl -qw net.ipv4.ip_forward=1",
    56,
    {
      "kernel/dcos/agent-1/forwarding":
        "net.ipv4.ip_forward = 0; net.ipv4.conf.eth0.forwarding = 0; net.ipv4.conf.cali0.forwarding = 0",
    },
  ],
  [
    "forwarding that is off for what comes from the container",
    "worker",
    "sysctl -qw net.ipv4.conf.cali0.forwarding=0",
    "sysctl -qw net.ipv4.conf.cali0.forwarding=1",
    56,
    { "kernel/kubernetes/worker-1/forwarding": "net.ipv4.conf.cali0.forwarding = 0" },
  ],
  [
    "a rule past the main table",
    "worker",
    `ip rule add from ${podBlock} lookup 77 priority 50; ip route add blackhole default table 77`,
    "ip rule del priority 50; ip route flush table 77",
    56,
    {
      "kernel/kubernetes/worker-1/routes": `to ${task.address} on dcos/agent-1: blackhole default table 77 by the rule 50: from ${podBlock} lookup 77`,
    },
  ],
  [
    "a rule for a mark that the firewall sets",
    "worker",
    "ip rule add fwmark 0x8/0xff prohibit priority 50; iptables -t mangle -A PREROUTING -i cali0 -j MARK --set-mark 0x8",
    "ip rule del priority 50; iptables -t mangle -F",
    56,
    {
      "kernel/kubernetes/worker-1/routes": `to ${task.address} on dcos/agent-1: prohibit by the rule 50: from all fwmark 0x8/0xff prohibit`,
    },
  ],
  [
    "a blackhole for one container",
    "worker",
    `ip route add unreachable ${task.address}`,
    `ip route del unreachable ${task.address}`,
    56,
    {
      "kernel/kubernetes/worker-1/routes": `to ${task.address} on dcos/agent-1: unreachable ${task.address}; unreachable ${task.address} is not of the plan`,
    },
  ],
  [
    "another device and a node that is not there",
    "worker",
    `ip address add 172.16.19.34/24 dev eth1; ip route replace ${taskBlock} via 172.16.19.9 dev eth1 proto bird`,
    `ip route replace ${taskBlock} via 172.16.18.43 dev eth0 proto bird; ip address del 172.16.19.34/24 dev eth1`,
    56,
    {
      "kernel/kubernetes/worker-1/routes": `to ${task.address} on dcos/agent-1: ${taskBlock} via 172.16.19.9 dev eth1 proto bird`,
    },
  ],
  [
    "strict rp_filter where the way back is by another device",
    "agent",
    `sysctl -qw net.ipv4.conf.eth0.rp_filter=1; ip rule add to ${podBlock} lookup 88 priority 60; ip route add ${podBlock} dev eth1 table 88`,
    "sysctl -qw net.ipv4.conf.eth0.rp_filter=0; ip rule del priority 60; ip route flush table 88",
    56,
    {
      "kernel/dcos/agent-1/forwarding": `rp_filter 1 on eth0 drops packets from ${pod.address}: the way back is dev eth1`,
      "kernel/dcos/agent-1/routes": `to ${pod.address} on kubernetes/worker-1: ${podBlock} dev eth1 table 88 by the rule 60: from all to ${podBlock} lookup 88; ${podBlock} dev eth1 table 88 is not of the plan`,
    },
  ],
  [
    "a queue that lets nearly nothing through",
    "agent",
    "tc qdisc add dev eth0 root tbf rate 8kbit burst 1000 latency 1ms",
    "tc qdisc del dev eth0 root",
    large,
    {
      "kernel/dcos/agent-1/links": "eth0 sends no more than 8Kbit (tbf), and drops the rest",
    },
  ],
  [
    "a class that lets nearly nothing through",
    "agent",
    `tc qdisc add dev eth0 root handle 1: htb default 10; tc class add dev eth0 parent 1: classid 1:10 htb rate 8kbit ceil 16kbit; tc class add dev eth0 parent 1: classid 1:20 htb rate 1gbit; python3 -c '${crowd}'`,
    "tc qdisc del dev eth0 root",
    large,
    { "kernel/dcos/agent-1/links": "eth0 sends no more than 16Kbit (htb), and drops the rest" },
  ],
  [
    "an MTU below the containers'",
    "worker",
    "ip link set eth0 mtu 1400",
    "ip link set eth0 mtu 1500",
    large,
    {
      "kernel/kubernetes/worker-1/links": "MTU of eth0 is 1400, containers send packets of 1500",
    },
  ],
  [
    "a route with an MTU of its own",
    "worker",
    `ip route replace ${taskBlock} via 172.16.18.43 dev eth0 proto bird mtu 1300`,
    `ip route replace ${taskBlock} via 172.16.18.43 dev eth0 proto bird`,
    large,
    {
      "kernel/kubernetes/worker-1/links": `${taskBlock} via 172.16.18.43 dev eth0 proto bird mtu 1300: containers send packets of 1500`,
    },
  ],
  [
    "a link address set by hand",
    "worker",
    "ip neighbour replace 172.16.18.43 lladdr 02:00:00:00:00:99 dev eth0 nud permanent",
    "ip neighbour del 172.16.18.43 dev eth0",
    56,
    {
      "kernel/kubernetes/worker-1/links":
        "172.16.18.43 (dcos/agent-1) is 02:00:00:00:00:99 on eth0, set by hand; no link of dcos/agent-1 has that address",
    },
  ],
])("%s is seen to bite, and named on its node alone", async (...fault) => {
  await hosts.suffer(fault);
});
