import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parsed } from "../../components/ask/shell";
import { exec, execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { checksOf } from "../../verify/checks";
import { attemptCommand, attemptLink } from "../../verify/explain/attempt";
import { endsOf } from "../../verify/kernel/ends";
import { parseKernel } from "../../verify/kernel/parse";
import { kernelCommand } from "../../verify/kernel/script";
import { questionsOf } from "../../verify/seen/kernels";
import { parseTrips } from "../../verify/trips/parse";
import { onNode } from "../../verify/trips/script";
import type { Observation } from "../../verify/types";
import { makeNft } from "../helpers/nft";
import { healthy, ok, plan, pod, podBlock, task, taskBlock } from "../unit/verify/fixture";

/*
 * Two hosts with a container each, as network namespaces: real kernels, so that each fault is first seen to bite, and is then
 * named on the right node by what the kernel says of itself.
 */

const name = (space: string) => `slk${process.pid}${space}`;
const spaces = ["pod", "worker", "agent", "task"] as const;
type Space = (typeof spaces)[number];

/** A folder with `nft`, which the machine need not have. */
let tools = "";
const on = (space: Space, argv: readonly string[]) =>
  execOrThrow([
    "ip",
    "netns",
    "exec",
    name(space),
    "env",
    `PATH=${tools}:${process.env.PATH}`,
    ...argv,
  ]);
const run = (space: Space, line: string) => on(space, ["sh", "-ec", line]);

beforeAll(async () => {
  tools = await makeNft();
  for (const space of spaces) await execOrThrow(["ip", "netns", "add", name(space)]);
  for (const space of spaces) await run(space, "ip link set lo up");
  const link = (a: Space, deviceA: string, b: Space, deviceB: string) =>
    run(
      a,
      `ip link add ${deviceA} type veth peer name ${deviceB} netns ${name(b)} && ip link set ${deviceA} up && ip netns exec ${name(b)} ip link set ${deviceB} up`,
    );
  await link("worker", "eth0", "agent", "eth0");
  await link("worker", "eth1", "agent", "eth1");
  await link("worker", "cali0", "pod", "eth0");
  await link("agent", "cali0", "task", "eth0");
  const node = (space: Space, own: string, far: string, container: string, block: string) =>
    run(
      space,
      [
        `sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0 net.ipv4.conf.cali0.rp_filter=0`,
        `ip address add ${own}/24 dev eth0`,
        "ip address add 169.254.1.1/32 dev cali0",
        `ip route add ${container} dev cali0`,
        `ip route add ${block} via ${far} dev eth0 proto bird`,
      ].join("\n"),
    );
  await node("worker", "172.16.18.34", "172.16.18.43", pod.address, taskBlock);
  await node("agent", "172.16.18.43", "172.16.18.34", task.address, podBlock);
  for (const [space, address] of [
    ["pod", pod.address],
    ["task", task.address],
  ] as const)
    await run(
      space,
      `ip address add ${address}/32 dev eth0; ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1`,
    );
});

afterAll(async () => {
  rmSync(tools, { recursive: true, force: true });
  for (const space of spaces) await exec(["ip", "netns", "delete", name(space)]);
});

const ids = { worker: "kubernetes/worker-1", agent: "dcos/agent-1" } as const;

/** What both kernels say, asked as `seamless verify` asks them. */
async function kernels(): Promise<NonNullable<Observation["kernels"]>> {
  const ends = endsOf(plan, healthy.workloads);
  const all = (["worker", "agent"] as const).map(async (space) => {
    const node = ends.find((end) => end.node.id === ids[space])?.node;
    if (node === undefined) throw new Error(`no ${space} in the fixture`);
    const argv = kernelCommand(questionsOf(node, ends), false);
    const { stdout } = await on(space, argv);
    return [ids[space], parsed(ok(space, stdout), parseKernel)] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** The checks of the kernels that do not pass, with what they found. */
async function named(): Promise<Record<string, string>> {
  const seen = { ...healthy, kernels: await kernels() };
  const bad = checksOf(plan).flatMap(({ id, group, judge }): [string, string][] => {
    if (group !== "kernel") return [];
    const { status, found } = judge(seen);
    return status === "pass" ? [] : [[id, found]];
  });
  return Object.fromEntries(bad);
}

/** Sends an echo request that may not be cut, and waits for the reply: not every machine has ping. */
const ping = `
import socket, struct, sys
address, size = sys.argv[1], int(sys.argv[2])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
raw.setsockopt(socket.IPPROTO_IP, 10, 2)
raw.settimeout(1)
words = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + bytes(size)
total = sum(struct.unpack("!%dH" % (len(words) // 2), words))
total = (total >> 16) + (total & 0xFFFF)
raw.sendto(words[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + words[4:], (address, 0))
while True:
    answer, sender = raw.recvfrom(2048)
    if answer[20] == 0 and sender[0] == address: sys.exit(0)
    if answer[20] in (3, 11): sys.exit(1)
`;

/** Whether packets of a size come to the other container and back. */
const passes = async (size = 56) => {
  const argv = ["python3", "-c", ping, task.address, `${size}`];
  return (await exec(["ip", "netns", "exec", name("pod"), ...argv])).code === 0;
};

jest.setTimeout(90_000);

test("nothing is named where all is well", async () => {
  expect(await passes(1472)).toBe(true);
  expect(await named()).toEqual({});
});

const large = 1472;

test.each<[string, Space, string, string, number, Record<string, string>]>([
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
    "packets over 1000 bytes dropped",
    "agent",
    "iptables -A FORWARD -m length --length 1001: -j DROP",
    "iptables -F FORWARD",
    large,
    {
      "kernel/dcos/agent-1/firewall": `nf_tables, table filter, chain FORWARD: -m length --length 1001:65535 -j DROP drops packets from ${task.address} to ${pod.address} (tcp, 1500 bytes)`,
    },
  ],
  [
    "a policy of a chain",
    "worker",
    `iptables -P FORWARD DROP; iptables -A FORWARD -s 10.0.0.0/8 -j ACCEPT`,
    "iptables -P FORWARD ACCEPT; iptables -F FORWARD",
    56,
    {
      "kernel/kubernetes/worker-1/firewall": `nf_tables, table filter, chain FORWARD: policy DROP drops packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
    },
  ],
  [
    "a rule in raw, behind a jump and with a list of ports",
    "worker",
    "iptables -t raw -N SITE; iptables -t raw -A PREROUTING ! -s 10.0.0.0/8 -j SITE; iptables -t raw -A SITE -p icmp --icmp-type echo-request -j DROP",
    "iptables -t raw -F; iptables -t raw -X",
    56,
    {
      "kernel/kubernetes/worker-1/firewall": `nf_tables, table raw, chain SITE: -p icmp -m icmp --icmp-type 8 -j DROP drops packets from ${pod.address} to ${task.address} (icmp, 60 bytes)`,
    },
  ],
  [
    "a table of nftables beside those of iptables",
    "agent",
    `iptables -A FORWARD -s 10.0.0.0/8 -m length --length 2000: -j DROP
nft 'add table inet site; add set inet site far { type ipv4_addr; flags interval; elements = { 192.168.0.0/17, 10.9.0.1 }; }'
nft 'add chain inet site quick { type filter hook forward priority -300; }; add chain inet site more'
nft 'add rule inet site quick ct state vmap { invalid : drop, related : accept }'
nft 'add rule inet site quick iifname { "eth0", "ens*" } ip saddr @far jump more'
nft 'add rule inet site more meta l4proto { icmp, tcp } counter reject with icmpx admin-prohibited'`,
    "nft delete table inet site; iptables -F FORWARD",
    56,
    {
      "kernel/dcos/agent-1/firewall": `nftables, table inet site, chain more: meta l4proto { 1, 6 } counter packets 1 bytes 84 reject with icmpx admin-prohibited drops packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
    },
  ],
  [
    "a policy of a chain of nftables",
    "worker",
    `nft 'add table ip site; add chain ip site forward { type filter hook forward priority 0; policy drop; }; add rule ip site forward ip saddr 10.0.0.0/8 accept; add rule ip site forward tcp dport 22 accept'`,
    "nft delete table ip site",
    56,
    {
      "kernel/kubernetes/worker-1/firewall": `nftables, table ip site, chain forward: policy DROP drops packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
    },
  ],
  [
    "a chain of nftables for what comes in by one device",
    "agent",
    `nft 'add table netdev early; add chain netdev early in { type filter hook ingress device "eth0" priority 0; }; add rule netdev early in ip daddr ${task.address} drop'`,
    "nft delete table netdev early",
    56,
    {
      "kernel/dcos/agent-1/firewall": `nftables, table netdev early, chain in: ip daddr ${task.address} drop drops packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
    },
  ],
  [
    "a filter of tc that sends packets elsewhere",
    "worker",
    `tc qdisc add dev eth0 clsact; tc filter add dev eth0 egress protocol ip pref 20 u32 match ip dst ${taskBlock} action mirred egress redirect dev lo`,
    "tc qdisc del dev eth0 clsact",
    56,
    {
      "kernel/kubernetes/worker-1/firewall": `tc filter dev eth0 egress pref 20 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 terminal flowid not_in_hw match c0a88240/ffffffc0 at 16 action order 1: mirred (Egress Redirect to device lo) stolen index 1 ref 1 bind 1 drops packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
    },
  ],
  [
    "a program of tc that drops what comes in",
    "agent",
    "tc qdisc add dev eth0 clsact; tc filter add dev eth0 ingress protocol ip pref 30 bpf direct-action bytecode '1,6 0 0 2,'",
    "tc qdisc del dev eth0 clsact",
    56,
    {
      "kernel/dcos/agent-1/firewall": `tc filter dev eth0 ingress pref 30 bpf chain 0 handle 0x1 direct-action not_in_hw bytecode '1,6 0 0 2' drops packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
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
])(
  "%s is seen to bite, and named on its node alone",
  async (_, space, plant, mend, size, found) => {
    await run(space, plant);
    try {
      expect(await passes(size)).toBe(false);
      expect(await named()).toEqual(found);
    } finally {
      await run(space, mend);
    }
    // What a kernel has learned of a narrow path it keeps for minutes.
    await run("pod", "ip route flush cache");
    await run("worker", "ip route flush cache");
    expect(await passes(size)).toBe(true);
    expect(await named()).toEqual({});
  },
);

test("SNAT is seen by the other container, and named", async () => {
  await run("worker", "iptables -t nat -A POSTROUTING -s 192.168.0.0/17 -o eth0 -j MASQUERADE");
  try {
    expect(await named()).toEqual({
      "kernel/kubernetes/worker-1/firewall": `nf_tables, table nat, chain POSTROUTING: -s 192.168.0.0/17 -o eth0 -j MASQUERADE translates packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
    });
  } finally {
    await run("worker", "iptables -t nat -F POSTROUTING");
  }
});

test("one container tries to reach another, by a port", async () => {
  const server = spawn("ip", ["netns", "exec", name("task"), join(toolsBin(), "lab-probe")]);
  const from = { sort: "container", address: pod.address } as const;
  const link = async (port: number) => {
    const { stdout } = await execOrThrow(attemptCommand(from, task.address, port));
    const { status, says } = attemptLink("worker", task, port, ok("worker", stdout));
    return `${status}: ${says}`;
  };
  try {
    const connected = `ok: TCP to ${task.address} port 8080: connected`;
    await waitFor({ what: "the server", timeoutMs: 60_000 }, async () => {
      const seen = await link(8080);
      return seen === connected ? { done: true, value: undefined } : { done: false, seen };
    });
    expect(await link(81)).toBe(`broken: TCP to ${task.address} port 81: refused`);
    await run("agent", "iptables -A FORWARD -p tcp --dport 8080 -j DROP");
    expect(await link(8080)).toBe(`broken: TCP to ${task.address} port 8080: no answer within 4 s`);
  } finally {
    await run(
      "agent",
      "iptables -F FORWARD; ip route del prohibit 192.168.0.0/17 metric 1 || true",
    );
    server.kill();
    await once(server, "exit");
  }
}, 120_000);

test("a trip starts in the container's own network, and 64 KiB are sent", async () => {
  const server = spawn("ip", ["netns", "exec", name("task"), join(toolsBin(), "lab-probe")]);
  try {
    const target = { address: task.address, port: 8080, closed: false };
    const trip = async () =>
      parseTrips((await execOrThrow(onNode(pod.address, [target]))).stdout)[task.address];
    const first = await waitFor({ what: "the server", timeoutMs: 20_000 }, async () => {
      const value = await trip();
      return value?.page.ok ? { done: true, value } : { done: false, seen: "no page" };
    });
    expect(first).toMatchObject({
      page: { ok: true, value: { client: pod.address } },
      mtu: 1500,
      body: { ok: true },
    });
    await run("agent", "iptables -A FORWARD -m length --length 1001: -j DROP");
    expect((await trip())?.body).toEqual({
      ok: false,
      error: "no answer within 4 s",
      silent: true,
    });
  } finally {
    await run("agent", "iptables -F FORWARD");
    server.kill();
    await once(server, "exit");
  }
});
