import type { FirewallPacket } from "../../../verify/kernel/match";
import { parseFilters, parseQueues } from "../../../verify/kernel/parse-tc";
import { programsOfTc, programsOfXdp, programText } from "../../../verify/kernel/programs";
import { passage } from "../../../verify/kernel/walk";

/*
 * What iproute2 6.1 prints. The filters of u32 and bpf were printed by a real kernel (daemons/kernel-faults); those of flower
 * and matchall are in the form of tc-flower(8), for kernels that have them.
 */

const own = { chains: "\0", comments: "\0" };
const packet: FirewallPacket = {
  ...{ from: "192.168.7.1", to: "192.168.130.65", iif: "cali0", oif: "eth0" },
  ...{ protocol: "tcp", length: 60, state: "NEW" },
  ports: { from: 40_000, to: 8080 },
};

const flower = (
  keys: readonly string[],
  action: string,
) => `filter protocol ip pref 49152 flower chain 0 
filter protocol ip pref 49152 flower chain 0 handle 0x1 
  eth_type ipv4
${keys.map((key) => `  ${key}`).join("\n")}
  not_in_hw
\taction order 1: ${action}
\t index 1 ref 1 bind 1
`;
const drop = "gact action drop\n\t random type none pass val 0";

test.each<[string, string, "drops" | "translates" | undefined, boolean]>([
  ["the server's range", flower(["dst_ip 192.168.128.0/17"], drop), "drops", false],
  ["another range", flower(["dst_ip 192.168.0.0/17"], drop), undefined, false],
  ["its port", flower(["ip_proto tcp", "dst_port 8080"], drop), "drops", false],
  ["another port", flower(["ip_proto tcp", "dst_port 25"], drop), undefined, false],
  ["what is not known of a packet", flower(["src_mac 02:00:00:00:00:01"], drop), undefined, false],
  ["some", flower([], "gact action pass\n\t random type netrand drop val 3"), "drops", true],
  [
    "what is above a rate",
    flower([], "police 0x1 rate 8Kbit burst 1Kb mtu 2Kb action drop overhead 0b"),
    "drops",
    true,
  ],
  ["a copy", flower([], "mirred (Egress Mirror to device lo) pipe"), undefined, false],
  ["addresses", flower([], "nat egress 192.168.7.0/24 10.0.0.1 pass"), "translates", false],
  [
    "another protocol than IP",
    flower([], drop).replaceAll("protocol ip ", "protocol ipv6 "),
    undefined,
    false,
  ],
])("a filter for %s", (_, text, does, sometimes) => {
  const firewall = parseFilters([{ device: "eth0", direction: "egress", text }]);
  const { harm } = passage(firewall, own, packet);
  expect(harm?.does).toBe(does);
  expect(harm?.sometimes ?? false).toBe(sometimes);
});

test("a filter of another device, or for what comes in there, is not met", () => {
  const text = flower([], drop);
  for (const [device, direction] of [
    ["eth1", "egress"],
    ["eth0", "ingress"],
  ] as const) {
    const firewall = parseFilters([{ device, direction, text }]);
    expect(passage(firewall, own, packet).harm).toBeUndefined();
  }
});

test("queues are read wherever they are on a device", () => {
  const text = `qdisc noqueue 0: dev lo root refcnt 2 
qdisc prio 1: dev eth0 root refcnt 2 bands 3 priomap 1 2 2 2
qdisc netem 8002: dev eth0 parent 1:1 limit 1000 loss 10%
`;
  expect(parseQueues(text).map(({ kind, device }) => [kind, device])).toEqual([
    ["noqueue", "lo"],
    ["prio", "eth0"],
    ["netem", "eth0"],
  ]);
});

/* Printed by a real kernel (daemons/kernel-programs), but for that without a name, which older kernels print. */
test.each<[string, string, string[]]>([
  [
    "loaded from a file",
    "filter protocol all pref 49152 bpf chain 0 handle 0x1 tc.o:[tc] direct-action not_in_hw id 6518 name cil_from_netdev tag 59f4a931744dcdc6 jited",
    ["eth0 (tc ingress, cil_from_netdev of Cilium)"],
  ],
  [
    "of Calico's dataplane",
    "filter protocol all pref 1 bpf chain 0 handle 0x1 cali_tc_preambl direct-action not_in_hw id 9 name cali_tc_preambl tag 59f4a931744dcdc6 jited",
    ["eth0 (tc ingress, cali_tc_preambl of Calico's eBPF dataplane)"],
  ],
  [
    "without a name",
    "filter protocol all pref 1 bpf chain 0 handle 0x1 direct-action not_in_hw id 9 tag 59f4a931744dcdc6 jited",
    ["eth0 (tc ingress, id 9)"],
  ],
  [
    "that always says the same",
    "filter protocol ip pref 30 bpf chain 0 handle 0x1 direct-action not_in_hw bytecode '1,6 0 0 2'",
    [],
  ],
  ["that only marks", "filter protocol all pref 1 bpf chain 0 handle 0x1 flowid 1:1 p.o", []],
])("a program of tc %s", (_, line, found) => {
  const text = `filter protocol all pref 49152 bpf chain 0 \n${line} \n`;
  expect(programsOfTc([{ device: "eth0", direction: "ingress", text }]).map(programText)).toEqual(
    found,
  );
});

test("programs of XDP, as links say them", () => {
  const own =
    "state UP mode DEFAULT group default qlen 1000\\    link/ether 02:00:00:00:00:01 brd ff";
  const links = [
    `1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue ${own}`,
    `2: eth0@if3: <BROADCAST,UP> mtu 1500 xdpgeneric qdisc noqueue ${own}\\    prog/xdp id 6523 name drop_some tag 614b jited `,
    `3: xdp0: <BROADCAST,UP> mtu 1500 qdisc noqueue ${own}`,
    `4: eth1: <BROADCAST,UP> mtu 1500 xdp/id:12 qdisc mq ${own}`,
  ].join("\n");
  expect(programsOfXdp(links).map(programText)).toEqual([
    "eth0 (xdp, drop_some)",
    "eth1 (xdp, a program without a name)",
  ]);
});

test("what a device lets through is the rate of its bucket, or of its class by default", () => {
  const text = `qdisc tbf 8001: dev eth0 root refcnt 2 rate 8Kbit burst 1000b lat 1ms 
qdisc htb 1: dev eth1 root refcnt 3 r2q 10 default 0x1f direct_packets_stat 1 direct_qlen 1000
qdisc htb 1: dev eth2 root refcnt 3 r2q 10 default 0x30 direct_packets_stat 1 direct_qlen 1000
`;
  const classes = `class htb 1:1f root prio 0 rate 8Kbit ceil 16Kbit burst 1600b cburst 1600b 
class htb 1:20 root prio 0 rate 1Gbit ceil 1Gbit burst 1375b cburst 1375b 
`;
  expect(parseQueues(text, () => classes).map(({ device, rate }) => [device, rate])).toEqual([
    ["eth0", "8Kbit"],
    ["eth1", "16Kbit"],
    ["eth2", undefined],
  ]);
});
