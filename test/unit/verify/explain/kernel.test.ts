import { neighbour, no, ok, planWith, pod, podBlock, task, taskBlock } from "../fixture";
import {
  agent,
  cables,
  explain,
  healthy,
  unlearned,
  verdict,
  withKernel,
  withParts,
  withRoutes,
  withSpeaker,
  worker,
} from "./seen";

describe("the kernel of the sender's node", () => {
  test("lacks a route that the reflector has", () => {
    expect(verdict(withRoutes(worker.id, taskBlock, "default via 172.16.18.1 dev eth0"))).toBe(
      `
broken there at the fib of kubernetes/worker-1: no route to 192.168.130.64/26
  why   its BGP speaker has 192.168.130.64/26 via 172.16.18.43, and does not give it to the kernel; default via 172.16.18.1 dev eth0 takes it
  mend  on kubernetes/worker-1: start its BGP speaker again, which writes all its routes`.trimStart(),
    );
  });

  test("was sent none", () => {
    expect(verdict(withSpeaker(unlearned, worker.id, { imported: [] }))).toBe(
      `
broken there at the fib of kubernetes/worker-1: no route to 192.168.130.64/26
  why   its BGP speaker was sent no 192.168.130.64/26 via 172.16.18.43, or a filter on kubernetes/worker-1 keeps it out
  mend  pulumi up, which writes the reflector's configuration again; and on kubernetes/worker-1: the filters of its BGP speaker`.trimStart(),
    );
  });

  test("has a blackhole for one address", () => {
    expect(verdict(withRoutes(worker.id, "none", `blackhole ${task.address}`))).toBe(
      `
broken there at the fib of kubernetes/worker-1: blackhole 192.168.130.66
  why   kubernetes/worker-1 drops what is for 192.168.130.66; the plan wants 192.168.130.64/26 via 172.16.18.43
  mend  on kubernetes/worker-1: ip route del blackhole 192.168.130.66`.trimStart(),
    );
  });

  test("leads to another node by a route of its own, which no session explains", () => {
    const detour = withRoutes(worker.id, "none", `${task.address} via 172.16.18.44 dev eth0`);
    const neighbours = [neighbour(worker.address), neighbour(agent.address, { state: "Idle" })];
    expect(verdict({ ...detour, neighbours: { reflector: ok("neighbor", neighbours) } })).toBe(
      `
broken there at the fib of kubernetes/worker-1: 192.168.130.66 via 172.16.18.44 dev eth0
  why   seamless-probe.1 is behind dcos/agent-1; the plan wants 192.168.130.64/26 via 172.16.18.43
  mend  on kubernetes/worker-1: ip route del 192.168.130.66 via 172.16.18.44 dev eth0`.trimStart(),
    );
  });

  test("looks into another table first", () => {
    const seen = withParts(worker.id, {
      routes: (lines) => [...lines, "unreachable default table 100"],
      rules: (lines) => ["100:\tfrom 192.168.0.0/17 lookup 100", ...lines],
    });
    expect(verdict(seen)).toBe(
      `
broken there at the rules of kubernetes/worker-1: 100: from 192.168.0.0/17 lookup 100
  why   table 100 has unreachable default table 100, and is looked up before main
  mend  on kubernetes/worker-1: ip rule del priority 100`.trimStart(),
    );
  });

  test("refuses what comes by one cable", () => {
    const rule = `102:\tfrom all iif ${cables.pod} blackhole`;
    expect(verdict(withKernel(worker.id, "rules", (lines) => [rule, ...lines]))).toBe(
      `
broken there at the rules of kubernetes/worker-1: 102: from all iif cali627bf1fad81 blackhole
  why   the rule refuses packets from 192.168.7.2 to 192.168.130.66 (blackhole)
  mend  on kubernetes/worker-1: ip rule del priority 102`.trimStart(),
    );
  });

  test("forwards nothing", () => {
    const off = withKernel(worker.id, "settings", (lines) => ["ip_forward 0", ...lines.slice(1)]);
    expect(verdict(off)).toBe(
      `
broken there at the sysctl of kubernetes/worker-1: net.ipv4.ip_forward = 0
  why   the kernel drops what is not for the node itself
  mend  on kubernetes/worker-1: sysctl -w net.ipv4.ip_forward=1, and in /etc/sysctl.d`.trimStart(),
    );
  });

  test("could not be asked", () => {
    const seen = {
      ...healthy,
      kernels: { ...healthy.kernels, [worker.id]: no(`${worker.id}: ip route`, "timed out") },
    };
    expect(explain(seen).verdict).toBe("unknown");
    expect(verdict(seen)).toBe(
      `
not broken as far as was seen, but not all could be asked: fib of kubernetes/worker-1, sysctl of kubernetes/worker-1, drop of kubernetes/worker-1, mtu of kubernetes/worker-1
  why   kubernetes/worker-1: ip route: timed out`.trimStart(),
    );
  });
});

describe("rules and links on the way", () => {
  const filter = (...rules: readonly string[]) => [
    ...["*filter", ":FORWARD ACCEPT [0:0]"],
    ...rules,
    "COMMIT",
  ];

  test("a rule of the receiver's node drops what comes from the other range", () => {
    const drop = "-A FORWARD -s 192.168.0.0/17 -j DROP";
    expect(verdict(withKernel(agent.id, "firewall nf_tables", () => filter(drop)))).toBe(
      `
broken there at the drop of dcos/agent-1: nf_tables, table filter: -A FORWARD -s 192.168.0.0/17 -j DROP
  why   the rule drops its packets (tcp, 60 bytes), and is not of the plan
  mend  on dcos/agent-1: iptables -t filter -D FORWARD -s 192.168.0.0/17 -j DROP`.trimStart(),
    );
  });

  test("a rule that drops large packets only", () => {
    const drop = "-A FORWARD -m length --length 1001:65535 -j DROP";
    expect(verdict(withKernel(worker.id, "firewall nf_tables", () => filter(drop)))).toMatch(
      /^broken there at the drop of kubernetes\/worker-1: .*\n {2}why {3}the rule drops its packets \(tcp, 1500 bytes\)/,
    );
  });

  test("a rule that drops answers is on the way back", () => {
    const drop = "-A FORWARD -p tcp --sport 8080 -m conntrack --ctstate ESTABLISHED -j DROP";
    expect(verdict(withKernel(agent.id, "firewall nf_tables", () => filter(drop)))).toMatch(
      /^broken back at the drop of dcos\/agent-1: /,
    );
  });

  test("a rule that puts the node's address in place of the container's", () => {
    const nat = ["*nat", ":POSTROUTING ACCEPT [0:0]"];
    const rule = "-A POSTROUTING -s 192.168.0.0/17 -o eth0 -j MASQUERADE";
    expect(
      verdict(withKernel(worker.id, "firewall nf_tables", () => [...nat, rule, "COMMIT"])),
    ).toBe(
      `
broken there at the nat of kubernetes/worker-1: nf_tables, table nat: -A POSTROUTING -s 192.168.0.0/17 -o eth0 -j MASQUERADE
  why   the rule translates its packets (tcp, 60 bytes), and is not of the plan
  mend  on kubernetes/worker-1: iptables -t nat -D POSTROUTING -s 192.168.0.0/17 -o eth0 -j MASQUERADE`.trimStart(),
    );
  });

  test("an address of a service is translated, which is what a service is for", () => {
    const nat = ["*nat", ":PREROUTING ACCEPT [0:0]"];
    const rule =
      "-A PREROUTING -d 10.96.0.20 -p tcp --dport 8080 -j DNAT --to-destination 192.168.7.9";
    const list = [{ name: "shop/web", addresses: ["10.96.0.20"] }];
    const seen = {
      ...withKernel(worker.id, "firewall nf_tables", () => [...nat, rule, "COMMIT"]),
      named: { kubernetes: ok("kubernetes: services", list) },
    };
    const of = planWith({ kubernetes: { serviceCidr: "10.96.0.0/16" } });
    expect(explain(seen, pod.name, "shop/web", of).verdict).toBe("whole");
  });

  test("a link that is narrower than what the container sends", () => {
    const narrow = withKernel(worker.id, "links", (lines) =>
      lines.map((line) =>
        line.startsWith("17: eth0") ? line.replace("mtu 1500", "mtu 1300") : line,
      ),
    );
    expect(verdict(narrow)).toBe(
      `
broken there at the mtu of kubernetes/worker-1: MTU of eth0 is 1300, and seamless/seamless-probe-a sends packets of 1500
  why   larger packets are dropped, or cut where they may be
  mend  on kubernetes/worker-1: ip link set eth0 mtu 1500, or give all containers an MTU of 1300`.trimStart(),
    );
  });

  test("the receiver's cable is narrower", () => {
    const narrow = withKernel(agent.id, "links", (lines) =>
      lines.map((line) =>
        line.includes(cables.task) ? line.replace("mtu 1500", "mtu 1000") : line,
      ),
    );
    expect(verdict(narrow)).toMatch(
      /^broken there at the mtu of dcos\/agent-1: MTU of cali22561750-9d is 1000, /,
    );
  });

  test("the receiver's cable is down", () => {
    const down = withKernel(agent.id, "links", (lines) =>
      lines.map((line) =>
        line.includes(cables.task)
          ? line
              .replace("<BROADCAST,MULTICAST,UP,LOWER_UP>", "<BROADCAST,MULTICAST>")
              .replace("state UP", "state DOWN")
          : line,
      ),
    );
    expect(verdict(down)).toBe(
      `
broken there at the fib of dcos/agent-1: 192.168.130.66 dev cali22561750-9d, and cali22561750-9d is down
  why   cali22561750-9d is the node's end of the cable to seamless-probe.1
  mend  on dcos/agent-1: ip link set cali22561750-9d up`.trimStart(),
    );
  });

  test("a link address of the next hop that was set by hand", () => {
    const entry = `${agent.address} dev eth0 lladdr 02:00:00:00:00:99 PERMANENT`;
    expect(verdict(withKernel(worker.id, "neighbours", () => [entry]))).toBe(
      `
broken there at the next hop of kubernetes/worker-1: 172.16.18.43 (dcos/agent-1) is 02:00:00:00:00:99 on eth0, set by hand; no link of dcos/agent-1 has that address
  why   a permanent neighbour entry leads packets to another machine, or to none
  mend  on kubernetes/worker-1: ip neighbour del 172.16.18.43 dev eth0`.trimStart(),
    );
  });
});

test("the kernel of the receiver's node has no route to its own container", () => {
  expect(verdict(withRoutes(agent.id, task.address))).toBe(
    `
broken there at the fib of dcos/agent-1: blackhole 192.168.130.64/26 proto bird
  why   dcos/agent-1 has no route to the interface of its own container 192.168.130.66
  mend  on dcos/agent-1: ip route replace 192.168.130.66 dev INTERFACE scope link, where INTERFACE is the container's; or start the container again`.trimStart(),
  );
});

test("the way back is looked at, too", () => {
  expect(verdict(withRoutes(agent.id, podBlock))).toMatch(
    /^broken back at the fib of dcos\/agent-1: no route to 192\.168\.7\.0\/26$/m,
  );
});
