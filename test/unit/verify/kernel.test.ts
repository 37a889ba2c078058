import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checksOf } from "../../../verify/checks";
import { parseKernel } from "../../../verify/kernel/parse";
import { mainRoutes } from "../../../verify/seen/kernels";
import type { Observation, Verdict } from "../../../verify/types";
import { guarded, healthy, ok, plan, pod, task } from "./fixture";

/** What the program printed on two hosts of a lab in which all is well. */
const said = (name: string) =>
  readFileSync(join(__dirname, "..", "fixtures", "kernel", `${name}.txt`), "utf8");
const worker = said("worker-1");
const agent = said("agent-1");

const workloads: Observation["workloads"] = {
  kubernetes: ok("pods", [{ ...pod, address: "192.168.41.192" }]),
  dcos: ok("apps", [{ ...task, address: "192.168.132.128" }]),
};

function judge(kind: string, texts: { worker?: string; agent?: string } = {}, of = plan): Verdict {
  const id = `kernel/kubernetes/worker-1/${kind}`;
  const check = checksOf(of).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.judge({
    ...healthy,
    workloads,
    kernels: {
      "kubernetes/worker-1": ok("worker-1: ip", parseKernel(texts.worker ?? worker)),
      "dcos/agent-1": ok("agent-1: ip", parseKernel(texts.agent ?? agent)),
    },
  });
}

/** The worker's answer with a line more in front of one that is there. */
function above(line: string, added: string): string {
  if (!worker.includes(line)) throw new Error(`no line ${line}`);
  return worker.replace(line, `${added}\n${line}`);
}

function changed(from: string, to: string): string {
  if (!worker.includes(from)) throw new Error(`no text ${from}`);
  return worker.replace(from, to);
}

const forward = '-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD';
const postrouting = "-A POSTROUTING -d 127.0.0.11/32 -j DOCKER_POSTROUTING";
const prerouting = '-A PREROUTING -m comment --comment "cali:6gwbT8clXdHdC1b1" -j cali-PREROUTING';
const learned = "192.168.132.128/26 via 172.16.18.43 dev eth0 proto bird";

test.each(["routes", "forwarding", "firewall", "links"])("%s of a sound node pass", (kind) => {
  expect(judge(kind).status).toBe("pass");
});

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

describe("routes", () => {
  const to = "to 192.168.132.128 on dcos/agent-1: ";

  test.each([
    [
      "a blackhole",
      changed(learned, "blackhole 192.168.132.128/26 proto bird"),
      `${to}blackhole 192.168.132.128/26 proto bird`,
    ],
    ["a route that is gone", changed(`${learned} `, ""), `${to}no route`],
    [
      "another node as the next hop",
      changed(learned, "192.168.132.128/26 via 172.16.18.44 dev eth0 proto bird"),
      `${to}192.168.132.128/26 via 172.16.18.44 dev eth0 proto bird`,
    ],
    [
      "another device",
      changed(learned, "192.168.132.128/26 via 172.16.18.43 dev tun0 proto bird"),
      `${to}192.168.132.128/26 via 172.16.18.43 dev tun0 proto bird`,
    ],
    [
      "two next hops, one of them wrong",
      changed(
        learned,
        "192.168.132.128/26 proto bird \\\tnexthop via 172.16.18.43 dev eth0 weight 1 \\\tnexthop via 172.16.18.44 dev eth0 weight 1",
      ),
      `${to}192.168.132.128/26 via 172.16.18.43 dev eth0 via 172.16.18.44 dev eth0 proto bird`,
    ],
    [
      "an address of the node itself",
      above(learned, "local 192.168.132.128 dev lo table local proto kernel scope host"),
      `${to}local 192.168.132.128 dev lo table local proto kernel; local 192.168.132.128 dev lo table local proto kernel is not of the plan`,
    ],
    [
      "a rule past the main table",
      above(
        "32766:\tfrom all lookup main",
        "100:\tfrom 192.168.0.0/17 to 192.168.128.0/17 lookup 77",
      ).replace(learned, `${learned} \ndefault via 172.16.18.1 dev eth0 table 77`),
      `${to}default via 172.16.18.1 dev eth0 table 77 by the rule 100: from 192.168.0.0/17 to 192.168.128.0/17 lookup 77`,
    ],
    [
      "a rule that refuses",
      above("32766:\tfrom all lookup main", "100:\tfrom all iif cali627bf1fad81 prohibit"),
      `${to}prohibit by the rule 100: from all iif cali627bf1fad81 prohibit`,
    ],
    [
      "a rule for a mark that the firewall sets",
      above("32766:\tfrom all lookup main", "100:\tfrom all fwmark 0x7/0xff blackhole").replace(
        prerouting,
        `-A PREROUTING -s 192.168.0.0/16 -j MARK --set-xmark 0x7/0xff\n${prerouting}`,
      ),
      `${to}blackhole by the rule 100: from all fwmark 0x7/0xff blackhole`,
    ],
    [
      "a container's own link that is gone",
      changed("192.168.41.192 dev cali627bf1fad81 scope link", ""),
      "to its own container 192.168.41.192: blackhole 192.168.41.192/26 proto bird",
    ],
    [
      "a blackhole for a part of a block that has no probe",
      above(learned, "blackhole 192.168.97.200"),
      "blackhole 192.168.97.200 is not of the plan",
    ],
    [
      "an answer of the kernel that the tables do not explain",
      changed(
        "192.168.132.128 from 192.168.41.192 via 172.16.18.43 dev eth0",
        "192.168.132.128 from 192.168.41.192 via 172.16.18.44 dev eth0 table 9",
      ),
      "ip route get 192.168.132.128 from 192.168.41.192 iif cali627bf1fad81: via 172.16.18.44 dev eth0 table 9",
    ],
  ])("%s is named", (_, text, found) => {
    expect(judge("routes", { worker: text })).toMatchObject({
      status: "fail",
      at: "kubernetes/worker-1",
      found,
    });
  });

  test.each([
    [
      "a rule that leads to an empty table",
      above("32766:\tfrom all lookup main", "100:\tfrom all lookup 77"),
    ],
    [
      "a rule whose table has only a default route, which does not count there",
      above(
        "32766:\tfrom all lookup main",
        "100:\tfrom all lookup 77 suppress_prefixlength 0",
      ).replace(learned, `${learned} \ndefault via 172.16.18.1 dev eth0 table 77`),
    ],
    ["a table that no rule leads to", above(learned, "blackhole 192.168.132.128/26 table 77")],
    [
      "a rule for a mark that nobody sets",
      above("32766:\tfrom all lookup main", "100:\tfrom all fwmark 0x7/0xff blackhole"),
    ],
    [
      "a route for all containers that is less specific",
      above(learned, "blackhole 192.168.0.0/16"),
    ],
  ])("%s is no fault", (_, text) => {
    expect(judge("routes", { worker: text }).status).toBe("pass");
  });

  test("a rule past the main table says how to be rid of it", () => {
    const text = above(
      "32766:\tfrom all lookup main",
      "100:\tfrom all to 192.168.128.0/17 unreachable",
    );
    expect(judge("routes", { worker: text })).toMatchObject({
      expected: "to 192.168.132.128 on dcos/agent-1: via 172.16.18.43 dev eth0",
      source: "plan",
      cause: "a rule refuses it: 100: from all to 192.168.128.0/17 unreachable",
      remedy: "on kubernetes/worker-1: ip rule del priority 100",
    });
  });
});

describe("forwarding", () => {
  test.each([
    [
      "forwarding that is off",
      changed("\nip_forward 1", "\nip_forward 0"),
      "net.ipv4.ip_forward = 0",
    ],
    [
      "forwarding that is off on the link to the others",
      changed("conf/eth0/forwarding 1", "conf/eth0/forwarding 0"),
      "net.ipv4.conf.eth0.forwarding = 0",
    ],
    [
      "strict rp_filter where the way back is by another device",
      changed("conf/eth0/rp_filter 0", "conf/eth0/rp_filter 1").replace(
        learned,
        "192.168.132.128/26 via 172.16.18.43 dev eth1 proto bird",
      ),
      "rp_filter 1 on eth0 drops packets from 192.168.132.128: the way back is dev eth1",
    ],
    [
      "a refusal of the kernel that its settings do not explain",
      changed(
        /192\.168\.41\.192 from 192\.168\.132\.128 dev .*\n/.exec(worker)?.[0] ?? "",
        "RTNETLINK answers: Invalid cross-device link\n",
      ),
      "ip route get 192.168.41.192 from 192.168.132.128 iif eth0: Invalid cross-device link",
    ],
  ])("%s is named", (_, text, found) => {
    expect(judge("forwarding", { worker: text })).toMatchObject({ status: "fail", found });
  });

  test("strict rp_filter where all comes and goes by one device is no fault", () => {
    const text = changed("conf/all/rp_filter 0", "conf/all/rp_filter 1");
    expect(judge("forwarding", { worker: text }).status).toBe("pass");
  });

  test("settings that cannot be read are unknown", () => {
    const text = worker.replace(/@@ settings\n[^@]*/, "@@ settings\n\n");
    expect(judge("forwarding", { worker: text })).toMatchObject({
      status: "unknown",
      found: "settings: /proc/sys/net/ipv4 cannot be read",
    });
  });
});

describe("links", () => {
  const eth0 = "mtu 1500 qdisc noqueue state UP mode DEFAULT group default \\    link/ether 02:";

  test.each([
    [
      "a link to the others that is narrower than the containers'",
      changed(eth0, eth0.replace("1500", "1400")),
      "MTU of eth0 is 1400, containers send packets of 1500",
    ],
    [
      "a queue that loses packets",
      changed(eth0, eth0.replace("noqueue", "netem")),
      "eth0 has the queue netem, which loses, delays or changes packets",
    ],
    [
      "a route with an MTU of its own",
      changed(learned, `${learned} mtu lock 1300`),
      "192.168.132.128/26 via 172.16.18.43 dev eth0 proto bird mtu 1300: containers send packets of 1500",
    ],
    [
      "a link address set by hand",
      changed(
        "@@ neighbours\n",
        "@@ neighbours\n172.16.18.43 dev eth0 lladdr 02:00:00:00:00:99 PERMANENT \n",
      ),
      "172.16.18.43 (dcos/agent-1) is 02:00:00:00:00:99 on eth0, set by hand; no link of dcos/agent-1 has that address",
    ],
  ])("%s is named", (_, text, found) => {
    expect(judge("links", { worker: text })).toMatchObject({ status: "fail", found });
  });

  test("a link address set by hand that is right is no fault", () => {
    const text = changed(
      "@@ neighbours\n",
      "@@ neighbours\n172.16.18.43 dev eth0 lladdr 02:42:ac:10:12:2b PERMANENT \n",
    );
    expect(judge("links", { worker: text }).status).toBe("pass");
  });
});

test("those who look at the main table alone have it from the same answer", () => {
  const kernels = { "kubernetes/worker-1": ok("worker-1: ip", parseKernel(worker)) };
  const routes = mainRoutes(kernels)["kubernetes/worker-1"];
  const value = routes?.ok ? routes.value : [];
  expect(value).toContainEqual({
    ...{ prefix: "192.168.132.128/26", type: "unicast", gateways: ["172.16.18.43"] },
    ...{ device: "eth0", protocol: "bird" },
  });
  expect(value).toContainEqual({
    ...{ prefix: "192.168.41.192/26", type: "blackhole", gateways: [], protocol: "bird" },
  });
  expect(value.some(({ type }) => type === "local")).toBe(false);
});

test("what is no answer of the program is refused", () => {
  expect(() => parseKernel("sh: not found")).toThrow("no routes");
});
