import type { ObjectFault } from "../../../../components/ask/types";
import { namesNeeded, wayNeeded } from "../../../../verify/explain/live";
import { renderExplanation } from "../../../../verify/explain/report";
import type { Observation } from "../../../../verify/types";
import { neighbour, no, ok, path, plan, podBlock, task, taskBlock } from "../fixture";
import {
  accepted,
  acceptedOfWorker,
  agent,
  explain,
  healthy,
  unlearned,
  verdict,
  withFault,
  withRoutes,
  withSpeaker,
  worker,
} from "./seen";

test("every link of a way that is whole", () => {
  expect(renderExplanation(explain(healthy)).join("\n")).toBe(
    `
there: seamless/seamless-probe-a of kubernetes (192.168.7.2) -> seamless-probe.1 of dcos (192.168.130.66)
ok   owner       dcos                             192.168.130.66 is seamless-probe.1 on dcos/agent-1; block 192.168.130.64/26 of dcos/agent-1
ok   policy      kubernetes                       kubernetes lets out everything
ok   fib         kubernetes/worker-1              192.168.130.64/26 via 172.16.18.43 dev eth0 proto bird
ok   session     kubernetes/worker-1 - reflector  Established, 1 received, 1 accepted
ok   rib         reflector                        192.168.130.64/26 next hop 172.16.18.43, from dcos/agent-1
ok   acceptance  reflector                        from dcos/agent-1: 192.168.128.0/17 26 or 32 by 172.16.18.43
ok   rib         dcos/agent-1                     sends 192.168.130.64/26 to reflector
ok   session     dcos/agent-1 - reflector         Established, 1 received, 1 accepted
ok   sysctl      kubernetes/worker-1              net.ipv4.ip_forward = 1; rp_filter drops nothing
ok   drop        kubernetes/worker-1              the rules of nf_tables let it pass
ok   nat         kubernetes/worker-1              natOutgoing is off: the address of the container stays
ok   next hop    kubernetes/worker-1              172.16.18.43 (dcos/agent-1) by eth0
ok   mtu         kubernetes/worker-1              cali627bf1fad81 1500, eth0 1500
ok   sysctl      dcos/agent-1                     net.ipv4.ip_forward = 1; rp_filter drops nothing
ok   drop        dcos/agent-1                     the rules of nf_tables let it pass
ok   mtu         dcos/agent-1                     eth0 1500, cali22561750-9d 1500
ok   fib         dcos/agent-1                     192.168.130.66 dev cali22561750-9d
ok   policy      dcos                             dcos is open to everybody

back: seamless-probe.1 of dcos (192.168.130.66) -> seamless/seamless-probe-a of kubernetes (192.168.7.2)
ok   owner       kubernetes                       192.168.7.2 is seamless/seamless-probe-a on kubernetes/worker-1; block 192.168.7.0/26 of kubernetes/worker-1
ok   fib         dcos/agent-1                     192.168.7.0/26 via 172.16.18.34 dev eth0 proto bird
ok   session     dcos/agent-1 - reflector         Established, 1 received, 1 accepted
ok   rib         reflector                        192.168.7.0/26 next hop 172.16.18.34, from kubernetes/worker-1
ok   acceptance  reflector                        from kubernetes/worker-1: 192.168.0.0/17 26 or 32 by 172.16.18.34
ok   rib         kubernetes/worker-1              sends 192.168.7.0/26 to reflector
ok   session     kubernetes/worker-1 - reflector  Established, 1 received, 1 accepted
ok   sysctl      dcos/agent-1                     net.ipv4.ip_forward = 1; rp_filter drops nothing
ok   drop        dcos/agent-1                     the rules of nf_tables let it pass
ok   nat         dcos/agent-1                     natOutgoing is off: the address of the container stays
ok   next hop    dcos/agent-1                     172.16.18.34 (kubernetes/worker-1) by eth0
ok   mtu         dcos/agent-1                     cali22561750-9d 1500, eth0 1500
ok   sysctl      kubernetes/worker-1              net.ipv4.ip_forward = 1; rp_filter drops nothing
ok   drop        kubernetes/worker-1              the rules of nf_tables let it pass
ok   mtu         kubernetes/worker-1              eth0 1500, cali627bf1fad81 1500
ok   fib         kubernetes/worker-1              192.168.7.2 dev cali627bf1fad81

the way is whole, there and back`.trimStart(),
  );
});

test("only whoever is on the way is asked", () => {
  expect(namesNeeded(plan)).toEqual([
    "containers/dcos",
    "services/dcos",
    "named/dcos",
    "containers/kubernetes",
    "services/kubernetes",
    "named/kubernetes",
  ]);
  const { from, to } = explain(healthy);
  expect(wayNeeded(plan, from, to)).toEqual([
    "neighbours/reflector",
    "rib/reflector",
    "accepts/reflector",
    "kernels/kubernetes/worker-1",
    "speakers/kubernetes/worker-1",
    "kernels/dcos/agent-1",
    "speakers/dcos/agent-1",
    "blocks/kubernetes",
    "objects/kubernetes",
    "blocks/dcos",
    "objects/dcos",
  ]);
});

/** What is seen while the reflector has no session with the agent. */
const down: Observation = {
  ...unlearned,
  neighbours: {
    reflector: ok("neighbor", [
      neighbour(worker.address),
      neighbour(agent.address, { state: "Active" }),
    ]),
  },
  rib: { reflector: ok("rib", [path(podBlock, worker.address)]) },
};

describe("a session that is down is the cause, RIB and FIB follow from it", () => {
  test("where the node's own speaker does not answer", () => {
    const speakers = { ...down.speakers, [agent.id]: no("agent", "no answer within 3 s") };
    expect(verdict({ ...down, speakers })).toBe(
      `
broken there at the session of dcos/agent-1 with reflector: Active at reflector, no answer at dcos/agent-1
  why   its BGP speaker does not answer: no answer within 3 s
  so    fib of kubernetes/worker-1, rib of reflector
  mend  on dcos/agent-1: start its BGP speaker again`.trimStart(),
    );
  });

  test("where the speaker says what it has against it", () => {
    const problem = "Socket: Connection refused";
    expect(verdict(withSpeaker(down, agent.id, { state: "Connect", problem }))).toBe(
      `
broken there at the session of dcos/agent-1 with reflector: Active at reflector, Connect at dcos/agent-1
  why   its BGP speaker says: Socket: Connection refused
  so    fib of kubernetes/worker-1, rib of reflector
  mend  on dcos/agent-1: see that nothing drops TCP port 179 to 172.16.18.32, and that reflector has the session enabled (pulumi up writes it again)`.trimStart(),
    );
  });

  test("where an object of the COE leaves the node out", () => {
    const fault: ObjectFault = {
      ...{ group: "peers", object: "BGPPeer 172-16-18-32", found: 'nodeSelector "none()"' },
      ...{ expected: "172.16.18.32 in AS 64511", effect: "only some nodes have the session" },
      remedy: "run `pulumi up --refresh`",
    };
    expect(verdict(withFault(withSpeaker(down, agent.id, undefined), "dcos", fault))).toBe(
      `
broken there at the session of dcos/agent-1 with reflector: Active at reflector, no such session at dcos/agent-1
  why   BGPPeer 172-16-18-32: nodeSelector "none()"; only some nodes have the session
  so    fib of kubernetes/worker-1, rib of reflector
  mend  run \`pulumi up --refresh\``.trimStart(),
    );
  });

  test("where the sender's node has lost it, and the reflector has the block", () => {
    const neighbours = [neighbour(worker.address, { state: "Idle" }), neighbour(agent.address)];
    const seen = { ...unlearned, neighbours: { reflector: ok("neighbor", neighbours) } };
    expect(verdict(withSpeaker(seen, worker.id, { state: "Idle" }))).toBe(
      `
broken there at the session of kubernetes/worker-1 with reflector: Idle at reflector, Idle at kubernetes/worker-1
  why   TCP port 179 of 172.16.18.32 is not reached from 172.16.18.34, or reflector has the session switched off
  so    fib of kubernetes/worker-1
  mend  on kubernetes/worker-1: see that nothing drops TCP port 179 to 172.16.18.32, and that reflector has the session enabled (pulumi up writes it again)`.trimStart(),
    );
  });
});

test("a session that counts as up, of a speaker that does not answer, is not known", () => {
  const speakers = { ...healthy.speakers, [agent.id]: no("agent: protocols", "timed out") };
  expect(verdict({ ...healthy, speakers })).toBe(
    `
not broken as far as was seen, but not all could be asked: session of dcos/agent-1 with reflector
  why   agent: protocols: timed out`.trimStart(),
  );
});

test("a session that only the reflector still has is broken", () => {
  expect(verdict(withSpeaker(healthy, agent.id, { state: "Active" }))).toMatch(
    /^broken there at the session of dcos\/agent-1 with reflector: Established at reflector, Active at dcos\/agent-1/,
  );
});

test("a session that is down is broken while the kernel still keeps its route", () => {
  const neighbours = [neighbour(worker.address), neighbour(agent.address, { state: "Idle" })];
  const seen = { ...healthy, neighbours: { reflector: ok("neighbor", neighbours) } };
  expect(verdict(seen)).toMatch(
    /^broken there at the session of dcos\/agent-1 with reflector: Idle/,
  );
});

test("a neighbour that the reflector does not have is a session that is not configured", () => {
  const seen = {
    ...healthy,
    neighbours: { reflector: ok("neighbor", [neighbour(worker.address)]) },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the session of dcos/agent-1 with reflector: reflector has no neighbour 172.16.18.43
  why   the session is planned and not configured there
  mend  pulumi up, which writes the reflector's configuration again`.trimStart(),
  );
});

test("another AS than planned", () => {
  const other = neighbour(worker.address, { asn: 64999, state: "Active" });
  const seen = {
    ...healthy,
    neighbours: { reflector: ok("neighbor", [other, neighbour(agent.address)]) },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the session of kubernetes/worker-1 with reflector: AS 64999 instead of 64511
  why   kubernetes/worker-1 or reflector was given another AS by hand
  mend  pulumi up, which sets the AS of the plan at both ends`.trimStart(),
  );
});

/** What is seen while the reflector lacks the block of the task. */
const unheld: Observation = {
  ...unlearned,
  rib: { reflector: ok("rib", [path(podBlock, worker.address)]) },
};

test("what the reflector's policy does not accept", () => {
  const others = [...acceptedOfWorker, ...accepted(agent.address, "192.168.255.0/26")];
  const state = { neighbours: {}, beside: [], accepted: others };
  expect(verdict({ ...unheld, accepts: { reflector: ok("policy", state) } })).toBe(
    `
broken there at the acceptance of reflector: from dcos/agent-1: 192.168.255.0/26 26 or 32 by 172.16.18.43
  why   192.168.130.64/26 is not among it, so reflector refuses it
  so    fib of kubernetes/worker-1, rib of reflector
  mend  pulumi up, which writes the reflector's configuration again`.trimStart(),
  );
});

test("prefixes that a reflector refuses whose policy could not be read", () => {
  const neighbours = [neighbour(worker.address), neighbour(agent.address, { accepted: 0 })];
  const seen: Observation = {
    ...unheld,
    neighbours: { reflector: ok("neighbor", neighbours) },
    accepts: { reflector: no("policy", "timed out") },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the acceptance of reflector: 1 of 1 prefixes from dcos/agent-1 refused, and 192.168.130.64/26 is not in the RIB
  why   what reflector accepts from dcos/agent-1 is not what the plan says
  so    fib of kubernetes/worker-1, rib of reflector
  mend  pulumi up, which writes the reflector's configuration again`.trimStart(),
  );
});

test("a block that its node does not announce", () => {
  expect(verdict(withSpeaker(unheld, agent.id, { exported: [] }))).toBe(
    `
broken there at the rib of dcos/agent-1: sends no 192.168.130.64/26 to reflector
  why   the BGP speaker of dcos/agent-1 has no such block, or a filter keeps it
  so    fib of kubernetes/worker-1, rib of reflector
  mend  on dcos/agent-1: ip route show type blackhole 192.168.130.64/26; where it is missing, start the container again`.trimStart(),
  );
});

test("a block that is sent and not held", () => {
  expect(verdict(unheld)).toBe(
    `
broken there at the rib of reflector: no path to 192.168.130.64/26
  why   dcos/agent-1 sends it, and reflector does not hold it
  so    fib of kubernetes/worker-1
  mend  pulumi up, which has the reflector read its configuration again`.trimStart(),
  );
});

test("a longer prefix of another node takes the packets, by the RIB, and the kernel follows", () => {
  const host = `${task.address}/32`;
  const seen: Observation = {
    ...withRoutes(worker.id, "none", `${task.address} via ${worker.address} dev eth0 proto bird`),
    rib: {
      reflector: ok("rib", [
        path(podBlock, worker.address),
        path(taskBlock, agent.address),
        path(host, worker.address),
      ]),
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
    rib: {
      reflector: ok("rib", [path(podBlock, worker.address), path(taskBlock, agent.address), stray]),
    },
  };
  expect(verdict(seen)).toBe(
    `
broken there at the rib of reflector: 192.168.130.66/32 next hop 172.16.18.42, from nobody of the plan
  why   192.168.130.66 is behind dcos/agent-1 (172.16.18.43), and 172.16.18.42 is dcos/master
  mend  on reflector: take 192.168.130.66/32 out of its RIB, where somebody has put it by hand`.trimStart(),
  );
});
