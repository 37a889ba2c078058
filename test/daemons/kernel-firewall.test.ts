import { type Fault, large, TwoHosts } from "../helpers/two-hosts";
import { pod, task, taskBlock } from "../unit/verify/fixture";

/*
 * Rules of iptables, nftables and tc that drop or translate packets. The kernels are real, so that each rule is first seen to
 * bite, and is then named on the right node.
 */
const hosts = new TwoHosts();
beforeAll(() => hosts.up());
afterAll(() => hosts.down());
jest.setTimeout(90_000);

test.each<Fault>([
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
    "a set of addresses",
    "agent",
    "ipset create blocked hash:net; ipset add blocked 10.9.0.0/16; ipset add blocked 192.168.0.0/21; iptables -A FORWARD -m set --match-set blocked src -j DROP",
    "iptables -F FORWARD; ipset destroy blocked",
    56,
    {
      "kernel/dcos/agent-1/firewall": `nf_tables, table filter, chain FORWARD: -m set --match-set blocked src -j DROP drops packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
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
])("%s is seen to bite, and named on its node alone", async (...fault) => {
  await hosts.suffer(fault);
});

test("SNAT is seen by the other container, and named", async () => {
  await hosts.run(
    "worker",
    "iptables -t nat -A POSTROUTING -s 192.168.0.0/17 -o eth0 -j MASQUERADE",
  );
  try {
    expect(await hosts.named()).toEqual({
      "kernel/kubernetes/worker-1/firewall": `nf_tables, table nat, chain POSTROUTING: -s 192.168.0.0/17 -o eth0 -j MASQUERADE translates packets from ${pod.address} to ${task.address} (tcp, 60 bytes)`,
    });
  } finally {
    await hosts.run("worker", "iptables -t nat -F POSTROUTING");
  }
});
