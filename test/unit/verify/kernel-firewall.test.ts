import { guarded } from "./fixture";
import { above, forward, judge, postrouting, prerouting, worker } from "./kernel-answers";

describe("firewall", () => {
  const drop = "nf_tables, table filter, chain FORWARD: ";

  test.each([
    [
      "a rule for large packets",
      above(forward, "-A FORWARD -m length --length 1001:65535 -j DROP"),
      `${drop}-m length --length 1001:65535 -j DROP drops packets from 192.168.41.192 to 192.168.132.128 (tcp, 1500 bytes)`,
    ],
    [
      "a rule between the COEs' ranges",
      above(forward, "-A FORWARD -s 192.168.128.0/17 -d 192.168.0.0/17 -j REJECT"),
      `${drop}-s 192.168.128.0/17 -d 192.168.0.0/17 -j REJECT drops packets from 192.168.132.128 to 192.168.41.192 (tcp, 60 bytes)`,
    ],
    [
      "a rule for one container elsewhere that is no probe",
      above(forward, "-A FORWARD -d 192.168.200.7/32 -j DROP"),
      `${drop}-d 192.168.200.7/32 -j DROP drops packets from 192.168.41.192 to 192.168.200.7 (tcp, 60 bytes)`,
    ],
    [
      "a rule for another container of the node",
      above(forward, "-A FORWARD -s 192.168.41.193/32 -j DROP"),
      `${drop}-s 192.168.41.193/32 -j DROP drops packets from 192.168.41.193 to 192.168.132.128 (tcp, 60 bytes)`,
    ],
    [
      "a rule of a chain that somebody has made",
      above(
        forward,
        ":SITE - [0:0]\n-A FORWARD -i cali+ -j SITE\n-A SITE -p tcp -m tcp --dport 8080 -j DROP",
      ),
      "nf_tables, table filter, chain SITE: -p tcp -m tcp --dport 8080 -j DROP drops packets from 192.168.41.192 to 192.168.132.128 (tcp, 60 bytes)",
    ],
    [
      "a rule that meets some packets by chance",
      above(forward, "-A FORWARD -m statistic --mode random --probability 0.30000000000 -j DROP"),
      `${drop}-m statistic --mode random --probability 0.30000000000 -j DROP drops some packets from 192.168.41.192 to 192.168.132.128 (tcp, 60 bytes)`,
    ],
    [
      "a rule for pings alone",
      above(forward, "-A FORWARD -p icmp -j DROP"),
      `${drop}-p icmp -j DROP drops packets from 192.168.41.192 to 192.168.132.128 (icmp, 60 bytes)`,
    ],
    [
      "SNAT",
      above(postrouting, "-A POSTROUTING -s 192.168.0.0/17 -o eth0 -j MASQUERADE"),
      "nf_tables, table nat, chain POSTROUTING: -s 192.168.0.0/17 -o eth0 -j MASQUERADE translates packets from 192.168.41.192 to 192.168.132.128 (tcp, 60 bytes)",
    ],
    [
      "SNAT of what a range of addresses gets, before the kernel knows the route",
      above(
        '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        "-A PREROUTING -d 192.168.128.0/17 -p tcp -j DNAT --to-destination 172.16.18.34",
      ),
      "nf_tables, table nat, chain PREROUTING: -d 192.168.128.0/17 -p tcp -j DNAT --to-destination 172.16.18.34 translates packets from 192.168.41.192 to 192.168.132.128 (tcp, 60 bytes)",
    ],
    [
      "a TTL that the next router ends",
      above(prerouting, "-A PREROUTING -d 192.168.128.0/17 -j TTL --ttl-set 1"),
      "nf_tables, table mangle, chain PREROUTING: -d 192.168.128.0/17 -j TTL --ttl-set 1 drops packets from 192.168.41.192 to 192.168.132.128 (tcp, 60 bytes)",
    ],
    [
      "the policy of the other backend",
      `${worker}\n@@ firewall legacy\n*filter\n:FORWARD DROP [0:0]\nCOMMIT\n\n@= 0\n`,
      "legacy, table filter, chain FORWARD: policy DROP drops packets from 192.168.41.192 to 192.168.132.128 (tcp, 60 bytes)",
    ],
  ])("%s is named", (_, text, found) => {
    expect(judge("firewall", { worker: text })).toMatchObject({
      status: "fail",
      at: "kubernetes/worker-1",
      source: "plan",
      found,
    });
  });

  test.each([
    [
      "behind what the speaker has let through",
      above(
        '-A FORWARD -m comment --comment "cali:mp77cMpurHhyjLrM" -j MARK --set-xmark 0x10000/0x10000',
        "-A FORWARD -j DROP",
      ),
    ],
    ["for other addresses", above(forward, "-A FORWARD -s 10.0.0.0/8 -j DROP")],
    ["for another port", above(forward, "-A FORWARD -p tcp -m tcp --dport 22 -j DROP")],
    ["for all but the plan's ranges", above(forward, "-A FORWARD ! -s 192.168.0.0/16 -j DROP")],
    [
      "behind one that lets through what the plan has",
      above(
        forward,
        "-A FORWARD -s 192.168.0.0/16 -d 192.168.0.0/16 -j ACCEPT\n-A FORWARD -j DROP",
      ),
    ],
    [
      "of a set that is not known here",
      above(forward, "-A FORWARD -m set --match-set bad src -j DROP"),
    ],
    [
      "behind what may have let the packet through",
      above(forward, "-A FORWARD -m set --match-set good src -j ACCEPT\n-A FORWARD -j DROP"),
    ],
    [
      "of Docker, for its own networks",
      above(postrouting, "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"),
    ],
    [
      "for what is no beginning of a connection",
      above(forward, "-A FORWARD -m conntrack --ctstate INVALID -j DROP"),
    ],
    ["in a chain that nobody calls", above(forward, ":UNUSED - [0:0]\n-A UNUSED -j DROP")],
  ])("a rule %s is no fault", (_, text) => {
    expect(judge("firewall", { worker: text }).status).toBe("pass");
  });

  test("a rule against a COE that the policy keeps out is no fault", () => {
    const text = above(
      forward,
      "-A FORWARD -s 192.168.128.0/17 -m conntrack --ctstate NEW -j DROP",
    );
    expect(judge("firewall", { worker: text }, guarded("kubernetes")).status).toBe("pass");
    expect(judge("firewall", { worker: text }).status).toBe("fail");
  });

  test("a node without iptables-save is unknown", () => {
    const [start = ""] = worker.split("@@ firewall");
    const text = `${start}@@ firewall iptables\n\n@= missing\n`;
    expect(judge("firewall", { worker: text })).toEqual({
      status: "unknown",
      asked: "",
      found: "firewall iptables: the program is not there",
      at: "kubernetes/worker-1",
      expected: "no rule on kubernetes/worker-1 drops or translates packets between containers",
      source: "plan",
      cause: "the program is not on the node, or may not be run there",
      remedy: "install it on kubernetes/worker-1, or look there by hand",
    });
  });
});
