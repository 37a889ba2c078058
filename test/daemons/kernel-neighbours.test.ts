import { checksOf } from "../../verify/checks";
import { type Fault, type Space, TwoHosts } from "../helpers/two-hosts";
import { healthy, plan, pod, podBlock, task, taskBlock } from "../unit/verify/fixture";

/*
 * What keeps packets from their way without any rule of a firewall, or by one that hands them to somebody else: ARP, policies
 * of IPsec, queues, rules about one protocol. The kernels are real, so that each is first seen to bite.
 */
const hosts = new TwoHosts();
beforeAll(() => hosts.up());
afterAll(() => hosts.down());
jest.setTimeout(90_000);

const [worker, agent] = ["172.16.18.34", "172.16.18.43"];
/** Both forget what they know of each other. */
const forget = (["worker", "agent"] as const satisfies readonly Space[])
  .map((space) => `ip netns exec ${hosts.nameOf(space)} ip neighbour flush dev eth0`)
  .join("; ");

test.each<Fault>([
  [
    "a link without ARP",
    "agent",
    `ip link set eth0 arp off; ${forget}`,
    `ip link set eth0 arp on; ${forget}`,
    56,
    {
      "kernel/dcos/agent-1/links":
        "eth0 has NOARP: it asks nobody for link addresses, and answers nobody",
    },
  ],
  [
    "a node that answers no ARP",
    "agent",
    `sysctl -qw net.ipv4.conf.eth0.arp_ignore=8; ${forget}`,
    `sysctl -qw net.ipv4.conf.eth0.arp_ignore=0; ${forget}`,
    56,
    { "kernel/dcos/agent-1/forwarding": "net.ipv4.conf.eth0.arp_ignore = 8" },
  ],
  [
    "a table of nftables about requests",
    "agent",
    `nft 'add table arp site; add chain arp site in { type filter hook input priority 0; }; add rule arp site in arp operation request arp daddr ip ${agent} drop'; ${forget}`,
    `nft delete table arp site; ${forget}`,
    56,
    {
      "kernel/dcos/agent-1/links": `nftables, table arp site, chain in: arp operation request arp daddr ip ${agent} drop drops the question of ${worker} for ${agent} (ARP)`,
    },
  ],
  [
    "a machine with another's address",
    "worker",
    `ip neighbour replace ${agent} lladdr 02:00:00:00:00:99 dev eth0 nud reachable`,
    forget,
    56,
    {
      "kernel/kubernetes/worker-1/links": `${agent} (dcos/agent-1) is 02:00:00:00:00:99 on eth0; no link of dcos/agent-1 has that address`,
    },
  ],
  [
    "a policy of IPsec that blocks",
    "worker",
    `ip xfrm policy add src ${podBlock} dst ${taskBlock} proto icmp dir fwd action block`,
    "ip xfrm policy flush",
    56,
    {
      "kernel/kubernetes/worker-1/firewall": `ip xfrm policy: src ${podBlock} dst ${taskBlock} proto icmp dir fwd action block priority 0 ptype main drops packets from ${pod.address} to ${task.address} (icmp, 60 bytes)`,
    },
  ],
  [
    "a queue that nobody serves",
    "agent",
    "iptables -A FORWARD -p icmp -j NFQUEUE --queue-num 5",
    "iptables -F FORWARD",
    56,
    {
      "kernel/dcos/agent-1/firewall": `nf_tables, table filter, chain FORWARD: -p icmp -j NFQUEUE --queue-num 5 drops packets from ${task.address} to ${pod.address} (icmp, 60 bytes)`,
    },
  ],
  [
    "a rule about one protocol",
    "worker",
    `ip rule add priority 50 from ${podBlock} ipproto icmp prohibit`,
    "ip rule del priority 50",
    56,
    {
      "kernel/kubernetes/worker-1/routes": `to ${task.address} on dcos/agent-1: prohibit by the rule 50: from ${podBlock} ipproto icmp prohibit`,
    },
  ],
])("%s is seen to bite, and named on its node alone", async (...fault) => {
  await hosts.suffer(fault);
});

test("a rule of arptables is seen to bite, and named where there is no nft", async () => {
  hosts.nft = false;
  try {
    await hosts.suffer([
      "a rule of arptables",
      "worker",
      `arptables -A INPUT -i eth0 -s ${agent} -j DROP; ${forget}`,
      `arptables -F; ${forget}`,
      56,
      {
        "kernel/kubernetes/worker-1/links": `arptables, table filter, chain INPUT: -i eth0 -s ${agent} -j DROP drops the question of ${agent} for ${worker} (ARP)`,
      },
    ]);
  } finally {
    hosts.nft = true;
  }
});

test.each<[string, string, string]>([
  ["a policy of IPsec that lets pass", "ip xfrm policy add dir fwd", "ip xfrm policy flush"],
  [
    "a queue that lets pass where nobody serves it",
    "iptables -A FORWARD -j NFQUEUE --queue-num 5 --queue-bypass",
    "iptables -F FORWARD",
  ],
  [
    "ARP for somebody else that is dropped",
    "arptables -A INPUT -d 172.16.18.99 -j DROP",
    "arptables -F",
  ],
  [
    "a rule about another protocol",
    "ip rule add priority 50 ipproto sctp prohibit",
    "ip rule del priority 50",
  ],
])("%s is not named", async (_, plant, mend) => {
  await hosts.run("agent", `${plant}; ${forget}`);
  try {
    expect(await hosts.passes()).toBe(true);
    expect(await hosts.named()).toEqual({});
  } finally {
    await hosts.run("agent", mend);
  }
});

test("a rule that looks at what is not known fails no check, and is named where a GET is lost", async () => {
  const { "kubernetes-to-dcos": fetch } = healthy.fetches;
  if (fetch === undefined) throw new Error("no GET in the fixture");
  await hosts.run("agent", "iptables -A FORWARD -m pkttype --pkt-type unicast -j DROP");
  try {
    expect(await hosts.passes()).toBe(false);
    expect(await hosts.named()).toEqual({});
    const answer = { ok: false, asked: "GET", error: "timed out", silent: true } as const;
    const fetches = { ...healthy.fetches, "kubernetes-to-dcos": { ...fetch, answer } };
    const seen = { ...healthy, kernels: await hosts.kernels(), fetches };
    const check = checksOf(plan).find(({ id }) => id === "http/kubernetes-to-dcos");
    expect(check?.judge(seen).cause).toBe(
      "a policy, a firewall or a missing route on kubernetes/worker-1 or dcos/agent-1, on the way there or back; or a rule does that looks at what is not known here: on dcos/agent-1: nf_tables, table filter, chain FORWARD: -m pkttype --pkt-type unicast -j DROP",
    );
  } finally {
    await hosts.run("agent", "iptables -F FORWARD");
  }
});
