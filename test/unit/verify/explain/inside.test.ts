import { pod, task } from "../fixture";
import { agent, cables, explain, verdict, withInside, worker } from "./seen";

/** What a container has of its own, as Calico's plugin makes it. */
const routes = ["default via 169.254.1.1 dev eth0", "169.254.1.1 dev eth0 scope link"];
const filter = (rule: string) => [
  "*filter",
  ":INPUT ACCEPT [0:0]",
  ":OUTPUT ACCEPT [0:0]",
  rule,
  "COMMIT",
];

test("the container's own route is the first link of its packets", () => {
  const { verdict: whole, ways } = explain(withInside(worker.id, pod.address, routes));
  expect(whole).toBe("whole");
  expect(ways[0]?.links[2]).toEqual({
    ...{ layer: "fib", at: worker.id, status: "ok" },
    says: "in seamless/seamless-probe-a: default via 169.254.1.1 dev eth0",
  });
});

test("a container without a default route answers nobody", () => {
  expect(verdict(withInside(agent.id, task.address, ["169.254.1.1 dev eth0 scope link"]))).toBe(
    `
broken back at the fib of dcos/agent-1: in seamless-probe.1: no route to 192.168.7.2
  why   the container itself does not send it to its node
  mend  start seamless-probe.1 again; its COE gives it a default route`.trimStart(),
  );
});

test("a container that drops what comes to its port", () => {
  const drop = filter("-A INPUT -p tcp -m tcp --dport 8080 -j DROP");
  expect(verdict(withInside(agent.id, task.address, routes, drop))).toBe(
    `
broken there at the drop of dcos/agent-1: in seamless-probe.1: nf_tables, table filter: -A INPUT -p tcp -m tcp --dport 8080 -j DROP
  why   the rule drops its packets (tcp, 60 bytes), and is not of the plan
  mend  in the network namespace of seamless-probe.1: iptables -t filter -D INPUT -p tcp -m tcp --dport 8080 -j DROP`.trimStart(),
  );
});

test("a container that drops what it sends", () => {
  const drop = filter("-A OUTPUT -d 192.168.128.0/17 -j DROP");
  expect(verdict(withInside(worker.id, pod.address, routes, drop))).toMatch(
    /^broken there at the drop of kubernetes\/worker-1: in seamless\/seamless-probe-a: /,
  );
});

test("a gateway for which the node does not answer", () => {
  const off = withInside(worker.id, pod.address, routes, [], {
    settings: (lines) => lines.map((line) => line.replace("proxy_arp 1", "proxy_arp 0")),
  });
  expect(verdict(off)).toBe(
    `
broken there at the sysctl of kubernetes/worker-1: net.ipv4.conf.${cables.pod}.proxy_arp = 0
  why   nobody answers for 169.254.1.1, the gateway of seamless/seamless-probe-a
  mend  on kubernetes/worker-1: sysctl -w net/ipv4/conf/${cables.pod}/proxy_arp=1`.trimStart(),
  );
});
