import type { Answer } from "../../../components/ask/types";
import type { Plan } from "../../../plan/types";
import { checksOf } from "../../../verify/checks";
import type { Observation, ProbeReply, Verdict } from "../../../verify/types";
import { brief, guarded, healthy, no, ok, plan, pod, silent, task } from "./fixture";

function check(id: string, of: Plan) {
  const found = checksOf(of).find((one) => one.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

const judge = (id: string, seen: Observation, of: Plan): Verdict =>
  brief(check(id, of).judge(seen));

const timeout = silent("dcos/agent-1: curl", "exit code 28: timed out");
const refusal = no("dcos/agent-1: curl", "exit code 7: connection refused");

/** What is seen when the containers of dcos, or a host there, get that answer from kubernetes. */
function answered(answer: Answer<ProbeReply>): Observation {
  return {
    ...healthy,
    fetches: { ...healthy.fetches, "dcos-to-kubernetes": { from: task, to: pod, answer } },
    intrusions: {
      ...healthy.intrusions,
      kubernetes: { from: "dcos/agent-1", to: pod, answer },
    },
  };
}

test("the titles say what the policy makes of a GET", () => {
  const titles = (of: Plan) => [
    check("http/dcos-to-kubernetes", of).title,
    check("policy/kubernetes", of).title,
  ];
  expect(titles(plan)).toEqual([
    "GET from dcos to kubernetes, own address seen by the server",
    "kubernetes accepts traffic from hosts (policy: open)",
  ]);
  expect(titles(guarded("kubernetes", ["dcos"]))).toEqual([
    "GET from dcos to kubernetes, own address seen by the server",
    "kubernetes lets in containers only (from dcos)",
  ]);
  expect(titles(guarded("kubernetes"))).toEqual([
    "GET from dcos to kubernetes is dropped, for kubernetes is closed",
    "kubernetes lets in containers only (closed)",
  ]);
});

test("to a closed COE nothing is answered, and a refusal is no drop", () => {
  const closed = guarded("kubernetes");
  const id = "http/dcos-to-kubernetes";
  expect(judge(id, answered(timeout), closed)).toMatchObject({
    status: "pass",
    found: "dropped, as planned",
  });
  expect(judge(id, answered(refusal), closed)).toMatchObject({
    status: "fail",
    found: "not dropped: exit code 7: connection refused",
  });
  expect(judge(id, healthy, closed)).toMatchObject({
    status: "fail",
    found: "seamless-probe-a answered 192.168.130.66, which the policy keeps out",
  });
  expect(judge("http/kubernetes-to-dcos", healthy, closed).status).toBe("pass");
});

test("where an answer is due, silence and refusal are told apart", () => {
  const id = "http/dcos-to-kubernetes";
  expect(judge(id, answered(timeout), plan)).toMatchObject({
    status: "fail",
    found:
      "exit code 28: timed out (no refusal either: dropped on the way, by a policy or for want of a route)",
  });
  expect(judge(id, answered(refusal), plan)).toMatchObject({
    status: "fail",
    found: "exit code 7: connection refused",
  });
});

test("who is no container is answered by an open engine only", () => {
  const id = "policy/kubernetes";
  const named = guarded("kubernetes", ["dcos"]);
  expect(judge(id, healthy, plan)).toMatchObject({
    status: "pass",
    found: "open to everybody: seamless-probe-a answered dcos/agent-1",
  });
  expect(judge(id, healthy, named)).toMatchObject({
    status: "fail",
    found: "seamless-probe-a answered 172.16.18.43, which the policy keeps out",
  });
  expect(judge(id, answered(timeout), named)).toMatchObject({ status: "pass" });
  expect(judge(id, answered(timeout), plan)).toMatchObject({ status: "fail" });
});

test("without a probe, or a node to try from, there is nothing to say", () => {
  const { kubernetes: _pods, ...workloads } = healthy.workloads;
  expect(judge("policy/kubernetes", { ...healthy, workloads }, plan)).toMatchObject({
    status: "skip",
    found: "kubernetes has no probe in the configuration",
  });
  expect(judge("policy/kubernetes", { ...healthy, intrusions: {} }, plan)).toMatchObject({
    status: "skip",
    found: "no node of another COE can be asked to try",
  });
  const none = { ...healthy, workloads: { ...workloads, kubernetes: ok("pods", []) } };
  expect(judge("policy/kubernetes", none, plan)).toMatchObject({ status: "fail" });
});
