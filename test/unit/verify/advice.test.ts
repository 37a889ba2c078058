import type { Answer } from "../../../components/ask/types";
import type { Plan } from "../../../plan/types";
import { checksOf } from "../../../verify/checks";
import type { CheckResult, Observation } from "../../../verify/types";
import {
  guarded,
  healthy,
  learned,
  local,
  neighbour,
  no,
  ok,
  plan,
  planWith,
  pod,
  silent,
  task,
  taskBlock,
  unasked,
} from "./fixture";

type Advice = Partial<CheckResult>;

function advice(id: string, seen: Observation, of: Plan = plan): Advice {
  const check = checksOf(of).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  const verdict = check.judge(seen);
  // The single faults are for the rounds, which count each by itself; the report has them in `found`.
  const {
    status: _,
    asked: _asked,
    found: _found,
    faults: _faults,
    ...said
  } = { faults: undefined, ...verdict };
  return said;
}

const session = "session/reflector/kubernetes/worker-1";
const withState = (state: "Active" | "OpenConfirm"): Observation => ({
  ...healthy,
  neighbours: { reflector: ok("neighbor", [neighbour("172.16.18.34", { state })]) },
});

test("a session that has no connection", () => {
  expect(advice(session, withState("Active"))).toEqual({
    at: "reflector/kubernetes/worker-1",
    expected: "neighbour 172.16.18.34 Established, AS 64511",
    source: "plan: sessions.reflector/kubernetes/worker-1",
    cause:
      "the speaker on kubernetes/worker-1 is down or has no peer 172.16.18.32, or a firewall drops TCP port 179 between 172.16.18.34 and 172.16.18.32",
    remedy:
      "on kubernetes/worker-1: look whether the speaker runs and reaches 172.16.18.32 port 179; to apply its peers again run: pulumi up",
  });
});

test("a session whose ends do not agree", () => {
  expect(advice(session, withState("OpenConfirm"))).toMatchObject({
    cause:
      "kubernetes/worker-1 refuses what reflector proposes (AS, router id, hold time), or does not answer it",
    remedy:
      "look at the log of the speaker on kubernetes/worker-1 for the notification that it sends",
  });
});

test("a session with a password that is not up names it as the likely cause", () => {
  const name = "reflector/kubernetes/worker-1";
  const planned = plan.sessions[name];
  if (planned === undefined) throw new Error(`no session ${name}`);
  const sessions = { ...plan.sessions, [name]: { ...planned, password: "kubernetes" } };
  expect(advice(session, withState("Active"), { ...plan, sessions })).toMatchObject({
    cause:
      "kubernetes/worker-1 has not the password of seamless:bgpPasswords.kubernetes, or none; or its speaker is down",
  });
});

test("a reflector that runs something else", () => {
  const seen = { ...healthy, neighbours: { reflector: ok("neighbor", []) } };
  expect(advice(session, seen)).toMatchObject({
    cause: "reflector runs another configuration than the plan's",
    remedy: "run: pulumi up",
  });
});

test("a container of a pool that is not in the plan", () => {
  const routes = { ...healthy.routes, "kubernetes/worker-1": ok("routes", [local("10.9.0.1")]) };
  expect(advice("rib/origin/kubernetes/worker-1", { ...healthy, routes })).toEqual({
    at: "kubernetes/worker-1",
    expected: "containers in 192.168.0.0/17",
    source: "plan: fences.kubernetes/worker-1",
    cause: "there is a pool that is not in the plan, and containers take addresses of it",
    remedy:
      "add its range to podCidr of the COE, or disable the pool and start the containers again",
  });
});

test("a next hop that is wrong", () => {
  const routes = {
    ...healthy.routes,
    "kubernetes/worker-1": ok("routes", [local(pod.address), learned(taskBlock, "172.16.18.1")]),
  };
  expect(advice("fib/kubernetes/worker-1", { ...healthy, routes })).toEqual({
    at: "kubernetes/worker-1",
    expected: "a route to every other node's block, put there by the speaker, via that node",
    source: "dcos: IPAM, kubernetes: IPAM, and the model",
    cause:
      "the session of kubernetes/worker-1 is down, its speaker filters or does not install what it learns, or somebody has changed routes by hand",
    remedy:
      "see session/*/kubernetes/worker-1 first; then restart the speaker on kubernetes/worker-1, and remove routes that were added by hand",
  });
});

test("a GET that is dropped, one that is refused, and one that is translated", () => {
  const get = (answer: Answer<{ server: string; client: string }>) =>
    advice("http/kubernetes-to-dcos", {
      ...healthy,
      fetches: { "kubernetes-to-dcos": { from: pod, to: task, answer } },
    });
  expect(get(silent("wget", "exit code 143"))).toEqual({
    at: "kubernetes/worker-1 -> dcos/agent-1",
    expected: "an answer, to the client's own address",
    source: "plan: coes.dcos.policy",
    cause:
      "a policy, a firewall or a missing route on kubernetes/worker-1 or dcos/agent-1, on the way there or back",
    remedy: "run: seamless explain 192.168.7.2 192.168.130.66",
  });
  expect(get(no("wget", "exit code 1: refused"))).toMatchObject({
    cause:
      "seamless-probe.1 on dcos/agent-1 does not listen, or something on the way refuses for it",
  });
  expect(get(ok("wget", { server: "agent-1", client: "172.16.18.34" }))).toMatchObject({
    expected: "the client seen as 192.168.7.2",
    cause:
      "a NAT rule on kubernetes/worker-1, where packets leave the container range, or natOutgoing of a pool",
  });
});

test("a GET that the policy should have dropped", () => {
  expect(advice("http/dcos-to-kubernetes", healthy, guarded("kubernetes"))).toEqual({
    at: "dcos/agent-1 -> kubernetes/worker-1",
    expected: "nothing at all: neither an answer nor a refusal",
    source: "plan: coes.kubernetes.policy",
    cause:
      "the policy of kubernetes is not applied, or another one that sorts before it lets the traffic in",
    remedy: "run: pulumi up; then look for policies in kubernetes that sort before the plan's",
  });
});

const rich = planWith({
  kubernetes: {
    serviceCidr: "10.96.0.0/16",
    announceServices: true,
    addons: { dns: {} },
    names: { zones: ["cluster.local"], servers: ["172.16.18.34:53"] },
  },
});

/** Everybody gives the same answer, which is none. */
function allSay(answer: Answer<never>): Observation {
  const all = <T>(part: Readonly<Record<string, T>>, value: Answer<never>) =>
    Object.fromEntries(Object.keys(part).map((key) => [key, value]));
  const { fetches, intrusions } = healthy;
  return {
    ...healthy,
    neighbours: all(healthy.neighbours, answer),
    rib: all(healthy.rib, answer),
    routes: all(healthy.routes, answer),
    kernels: all(healthy.kernels ?? {}, answer),
    trips: Object.fromEntries(
      Object.entries(healthy.trips ?? {}).map(([k, v]) => [k, { ...v, answer }]),
    ),
    containers: all(healthy.containers, answer),
    blocks: all(healthy.blocks, answer),
    members: all(healthy.members, answer),
    objects: all(healthy.objects, answer),
    speakers: all(healthy.speakers, answer),
    accepts: all(healthy.accepts, answer),
    services: { kubernetes: answer },
    addons: { "kubernetes/dns": answer },
    fetches: Object.fromEntries(Object.entries(fetches).map(([k, v]) => [k, { ...v, answer }])),
    intrusions: Object.fromEntries(
      Object.entries(intrusions).map(([k, v]) => [k, { ...v, answer }]),
    ),
    nameFetches: {
      "dcos-to-kubernetes": { from: task, to: { coe: "kubernetes", host: "p", port: 1 }, answer },
    },
  };
}

test.each([
  ["fail", no("a: b", "c")],
  ["unknown", unasked("a: b", "c")],
] as const)(
  "every check whose question gets no answer is %s, and says all that is known",
  (status, answer) => {
    const results = checksOf(rich).map((check) => ({
      id: check.id,
      ...check.judge(allSay(answer)),
    }));
    expect(results.length).toBeGreaterThan(14);
    const text = expect.stringMatching(/./);
    for (const result of results)
      expect(result).toMatchObject({
        ...{ id: result.id, status, asked: "a: b" },
        ...{ at: text, expected: text, source: text, cause: text, remedy: text },
      });
  },
);

test("every check of whom the outputs name no way to is unknown", () => {
  const none = {
    neighbours: {},
    rib: {},
    routes: {},
    kernels: {},
    trips: {},
    fetches: {},
    nameFetches: {},
    addons: {},
  };
  const own = { containers: {}, blocks: {}, members: {}, objects: {}, speakers: {}, accepts: {} };
  const seen: Observation = { ...healthy, ...none, ...own };
  const results = checksOf(rich).map((check) => ({ id: check.id, ...check.judge(seen) }));
  const unknown = results.filter(({ status }) => status === "unknown");
  const others = results.filter(({ status }) => status !== "unknown").map(({ id }) => id);
  expect(others).toEqual([
    "rib/services/kubernetes",
    "service/dcos-to-kubernetes/clusterIPs",
    "policy/dcos",
    "policy/kubernetes",
  ]);
  expect(new Set(unknown.map(({ found }) => found))).toEqual(
    new Set(["no access to it in the stack outputs"]),
  );
});
