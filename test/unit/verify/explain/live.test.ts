import { routerTraits } from "../../../../components/kinds/traits";
import { endOf } from "../../../../verify/explain/ends";
import { explainLive, liveNames, namesNeeded, wayNeeded } from "../../../../verify/explain/live";
import { renderExplanation } from "../../../../verify/explain/report";
import { sceneOf } from "../../../../verify/explain/scene";
import type { Explanation } from "../../../../verify/explain/types";
import type { KernelRoute, Observation } from "../../../../verify/types";
import {
  healthy,
  learned,
  local,
  neighbour,
  no,
  ok,
  path,
  plan,
  pod,
  podBlock,
  task,
  taskBlock,
} from "../fixture";

function explain(seen: Observation, from: string = pod.name, to: string = task.name): Explanation {
  const names = liveNames(plan, seen);
  const ends = [endOf(plan, names, "FROM", from), endOf(plan, names, "TO", to)] as const;
  return explainLive(sceneOf(plan, routerTraits, seen), ...ends);
}

/** The last lines, which name the first broken link. */
const verdict = (...args: Parameters<typeof explain>) =>
  renderExplanation(explain(...args))
    .join("\n")
    .split("\n\n")
    .at(-1);

const withRoutes = (node: string, ...routes: readonly KernelRoute[]): Observation => ({
  ...healthy,
  routes: { ...healthy.routes, [node]: ok(`${node}: ip route`, routes) },
});

const worker = "172.16.18.34";
const agent = "172.16.18.43";

test("every link of a way that is whole", () => {
  expect(renderExplanation(explain(healthy)).join("\n")).toBe(
    `
there: seamless-probe-a of kubernetes (192.168.7.2) -> seamless-probe.1 of dcos (192.168.130.66)
ok   owner       dcos                             192.168.130.66 is seamless-probe.1 on dcos/agent-1, in the block 192.168.130.64/26
ok   fib         kubernetes/worker-1              192.168.130.64/26 via 172.16.18.43 dev eth0 proto bird
ok   session     kubernetes/worker-1 - reflector  Established, 1 received, 1 accepted
ok   rib         reflector                        192.168.130.64/26 next hop 172.16.18.43, from dcos/agent-1
ok   acceptance  reflector                        from dcos/agent-1: 192.168.128.0/17 /26 to /32, next hop 172.16.18.43
ok   session     dcos/agent-1 - reflector         Established, 1 received, 1 accepted
ok   next hop    kubernetes/worker-1              172.16.18.43 is on 172.16.18.0/24, as kubernetes/worker-1 is
ok   nat         kubernetes/worker-1              natOutgoing is off: the address of the container stays
ok   fib         dcos/agent-1                     192.168.130.66 dev cali0123456789a
ok   policy      dcos                             dcos is open to everybody

back: seamless-probe.1 of dcos (192.168.130.66) -> seamless-probe-a of kubernetes (192.168.7.2)
ok   owner       kubernetes                       192.168.7.2 is seamless-probe-a on kubernetes/worker-1, in the block 192.168.7.0/26
ok   fib         dcos/agent-1                     192.168.7.0/26 via 172.16.18.34 dev eth0 proto bird
ok   session     dcos/agent-1 - reflector         Established, 1 received, 1 accepted
ok   rib         reflector                        192.168.7.0/26 next hop 172.16.18.34, from kubernetes/worker-1
ok   acceptance  reflector                        from kubernetes/worker-1: 192.168.0.0/17 /26 to /32, next hop 172.16.18.34
ok   session     kubernetes/worker-1 - reflector  Established, 1 received, 1 accepted
ok   next hop    dcos/agent-1                     172.16.18.34 is on 172.16.18.0/24, as dcos/agent-1 is
ok   nat         dcos/agent-1                     natOutgoing is off: the address of the container stays
ok   fib         kubernetes/worker-1              192.168.7.2 dev cali0123456789a
ok   policy      kubernetes                       kubernetes is open to everybody

the way is whole, there and back`.trimStart(),
  );
});

test("only whoever is on the way is asked", () => {
  expect(namesNeeded(plan)).toEqual([
    "workloads/dcos",
    "services/dcos",
    "workloads/kubernetes",
    "services/kubernetes",
  ]);
  const { from, to } = explain(healthy);
  expect(wayNeeded(plan, from, to)).toEqual([
    "neighbours/reflector",
    "rib/reflector",
    "routes/kubernetes/worker-1",
    "routes/dcos/agent-1",
  ]);
});

test("a session that is down is the cause, RIB and FIB follow from it", () => {
  const seen: Observation = {
    ...withRoutes("kubernetes/worker-1", local(pod.address)),
    neighbours: {
      reflector: ok("neighbor", [neighbour(worker), neighbour(agent, { state: "Active" })]),
    },
    rib: { reflector: ok("rib", [path(podBlock, worker)]) },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the session of dcos/agent-1 with reflector: Active, not Established
  why   the BGP speaker of dcos/agent-1 is down, or TCP port 179 of 172.16.18.32 is not reached from 172.16.18.43
  so    fib of kubernetes/worker-1, rib of reflector
  mend  on dcos/agent-1: see that its BGP speaker runs and that nothing drops TCP port 179 to 172.16.18.32`.trimStart(),
  );
});

test("a session that is down is broken while the kernel still keeps its route", () => {
  const neighbours = [neighbour(worker), neighbour(agent, { state: "Idle" })];
  const seen = { ...healthy, neighbours: { reflector: ok("neighbor", neighbours) } };
  expect(verdict(seen)).toMatch(
    /^broken there at the session of dcos\/agent-1 with reflector: Idle/,
  );
});

test("a neighbour that the reflector does not have is a session that is not configured", () => {
  const seen = { ...healthy, neighbours: { reflector: ok("neighbor", [neighbour(worker)]) } };
  expect(verdict(seen)).toBe(
    `
broken there at the session of dcos/agent-1 with reflector: reflector has no neighbour 172.16.18.43
  why   the session is planned and not configured there
  mend  pulumi up, which writes the reflector's configuration again`.trimStart(),
  );
});

test("another AS than planned", () => {
  const other = neighbour(worker, { asn: 64999, state: "Active" });
  const seen = {
    ...healthy,
    neighbours: { reflector: ok("neighbor", [other, neighbour(agent)]) },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the session of kubernetes/worker-1 with reflector: AS 64999 instead of 64511
  why   kubernetes/worker-1 or reflector was given another AS by hand
  mend  pulumi up, which sets the AS of the plan at both ends`.trimStart(),
  );
});

test("prefixes that the reflector refuses", () => {
  const seen: Observation = {
    ...withRoutes("kubernetes/worker-1", local(pod.address)),
    neighbours: {
      reflector: ok("neighbor", [neighbour(worker), neighbour(agent, { accepted: 0 })]),
    },
    rib: { reflector: ok("rib", [path(podBlock, worker)]) },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the acceptance of reflector: 1 of 1 prefixes from dcos/agent-1 refused, and 192.168.130.64/26 is not in the RIB
  why   what reflector accepts from dcos/agent-1 is not what the plan says
  so    fib of kubernetes/worker-1, rib of reflector
  mend  pulumi up, which writes the reflector's configuration again`.trimStart(),
  );
});

test("a block that nobody announces is missing in the RIB, and the route follows", () => {
  const seen: Observation = {
    ...withRoutes("kubernetes/worker-1", local(pod.address)),
    rib: { reflector: ok("rib", [path(podBlock, worker)]) },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the rib of reflector: no path to 192.168.130.64/26
  why   dcos/agent-1 does not announce it, or reflector does not hold it
  so    fib of kubernetes/worker-1
  mend  on dcos/agent-1: see what its BGP speaker sends to reflector`.trimStart(),
  );
});

test("a longer prefix of another node takes the packets, by the RIB, and the kernel follows", () => {
  const host = `${task.address}/32`;
  const seen: Observation = {
    ...withRoutes("kubernetes/worker-1", learned(taskBlock, agent), learned(host, worker)),
    rib: {
      reflector: ok("rib", [path(podBlock, worker), path(taskBlock, agent), path(host, worker)]),
    },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the rib of reflector: 192.168.130.66/32 next hop 172.16.18.34, from kubernetes/worker-1
  why   192.168.130.66 is behind dcos/agent-1 (172.16.18.43), and 172.16.18.34 is kubernetes/worker-1
  so    fib of kubernetes/worker-1
  mend  on kubernetes/worker-1: ip route show 192.168.130.66/32, and take away what leads there: its BGP speaker announces it`.trimStart(),
  );
});

test("a path that nobody of the plan announces was put into the RIB by hand", () => {
  const stray = path(`${task.address}/32`, "172.16.18.42", { peer: "" });
  const seen = {
    ...healthy,
    rib: { reflector: ok("rib", [path(podBlock, worker), path(taskBlock, agent), stray]) },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the rib of reflector: 192.168.130.66/32 next hop 172.16.18.42, from nobody of the plan
  why   192.168.130.66 is behind dcos/agent-1 (172.16.18.43), and 172.16.18.42 is dcos/master
  mend  on reflector: take 192.168.130.66/32 out of its RIB, where somebody has put it by hand`.trimStart(),
  );
});

describe("the kernel of the sender's node", () => {
  const node = "kubernetes/worker-1";

  test("lacks a route that the reflector has", () => {
    const fallback: KernelRoute = {
      ...{ prefix: "0.0.0.0/0", type: "unicast", gateways: ["172.16.18.1"], device: "eth0" },
    };
    expect(verdict(withRoutes(node, local(pod.address), fallback))).toBe(
      `
broken there at the fib of kubernetes/worker-1: no route to 192.168.130.64/26
  why   kubernetes/worker-1 did not learn 192.168.130.64/26 via 172.16.18.43, or did not keep it; 0.0.0.0/0 via 172.16.18.1 dev eth0 takes it
  mend  on kubernetes/worker-1: ip route, and the log of its BGP speaker`.trimStart(),
    );
  });

  test("has a blackhole for one address", () => {
    const hole: KernelRoute = {
      ...{ prefix: `${task.address}/32`, type: "blackhole", gateways: [] },
    };
    expect(verdict(withRoutes(node, local(pod.address), learned(taskBlock, agent), hole))).toBe(
      `
broken there at the fib of kubernetes/worker-1: blackhole 192.168.130.66
  why   kubernetes/worker-1 drops what is for 192.168.130.66; the plan wants 192.168.130.64/26 via 172.16.18.43
  mend  on kubernetes/worker-1: ip route del blackhole 192.168.130.66`.trimStart(),
    );
  });

  test("leads to another node by a route of its own, which no session explains", () => {
    const detour: KernelRoute = {
      ...{ prefix: `${task.address}/32`, type: "unicast", gateways: ["172.16.18.44"] },
      device: "eth0",
    };
    const neighbours = [neighbour(worker), neighbour(agent, { state: "Idle" })];
    const seen = {
      ...withRoutes(node, local(pod.address), learned(taskBlock, agent), detour),
      neighbours: { reflector: ok("neighbor", neighbours) },
    };
    expect(verdict(seen)).toBe(
      `
broken there at the fib of kubernetes/worker-1: 192.168.130.66 via 172.16.18.44 dev eth0
  why   seamless-probe.1 is behind dcos/agent-1; the plan wants 192.168.130.64/26 via 172.16.18.43
  mend  on kubernetes/worker-1: ip route del 192.168.130.66 via 172.16.18.44 dev eth0`.trimStart(),
    );
  });

  test("could not be asked", () => {
    const seen = {
      ...healthy,
      routes: { ...healthy.routes, [node]: no(`${node}: ip route`, "timed out") },
    };
    expect(explain(seen).verdict).toBe("unknown");
    expect(verdict(seen)).toBe(
      `
not broken as far as was seen, but not all could be asked: fib of kubernetes/worker-1
  why   kubernetes/worker-1: ip route: timed out`.trimStart(),
    );
  });
});

test("the kernel of the receiver's node has no route to its own container", () => {
  const hole: KernelRoute = {
    prefix: taskBlock,
    type: "blackhole",
    gateways: [],
    protocol: "bird",
  };
  expect(verdict(withRoutes("dcos/agent-1", learned(podBlock, worker), hole))).toBe(
    `
broken there at the fib of dcos/agent-1: blackhole 192.168.130.64/26 proto bird
  why   dcos/agent-1 has no route to the interface of its own container 192.168.130.66
  mend  on dcos/agent-1: ip route replace 192.168.130.66 dev INTERFACE scope link, where INTERFACE is the container's; or start the container again`.trimStart(),
  );
});

test("the way back is looked at, too", () => {
  expect(verdict(withRoutes("dcos/agent-1", local(task.address)))).toMatch(
    /^broken back at the fib of dcos\/agent-1: no route to 192\.168\.7\.0\/26$/m,
  );
});
