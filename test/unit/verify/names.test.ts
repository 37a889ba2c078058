import type { Answer } from "../../../components/ask/types";
import { dcosProbe } from "../../../components/dcos/verify/index";
import type { Plan } from "../../../plan/types";
import { checksOf } from "../../../verify/checks";
import type { Observation, ProbeReply, Verdict } from "../../../verify/types";
import { brief, healthy, no, ok, plan, planWith, pod, task } from "./fixture";

const { dcos } = plan.coes;
if (dcos === undefined) throw new Error("no dcos in the fixture");
const names = { zones: ["mesos"], servers: ["172.16.18.42:53"] };
const named = planWith({ dcos: { names } });
const host = "seamless-probe.marathon.mesos";
const id = "name/kubernetes-to-dcos";

const asked = (answer: Answer<ProbeReply>): Observation => ({
  ...healthy,
  nameFetches: {
    "kubernetes-to-dcos": { from: pod, to: { coe: "dcos", host, port: 8080 }, answer },
  },
});

function judge(seen: Observation): Verdict | undefined {
  const verdict = checksOf(named)
    .find((check) => check.id === id)
    ?.judge(seen);
  return verdict && brief(verdict);
}

test("there is a check for each COE that is to resolve the names of another", () => {
  const names = (of: Plan) => checksOf(of).flatMap((one) => (one.group === "name" ? one.id : []));
  expect(names(plan)).toEqual([]);
  expect(names(named)).toEqual([id]);
});

test("who is not let in is not asked to GET", () => {
  const closed = planWith({ dcos: { names, policy: "closed" } });
  expect(checksOf(closed).some((one) => one.group === "name")).toBe(false);
});

test("an answer by a workload of the COE passes, any other does not", () => {
  const by = (server: string) => asked(ok("kubernetes: wget", { server, client: pod.address }));
  expect(judge(by(task.name))).toEqual({
    status: "pass",
    asked: "kubernetes: wget",
    found: `${host}: ${task.name} answered`,
  });
  expect(judge(by("somebody"))).toEqual({
    status: "fail",
    asked: "kubernetes: wget",
    found: `${host}: somebody answered, which is none of dcos`,
  });
});

test("no answer fails, and no probe is no question", () => {
  expect(judge(asked(no("kubernetes: wget", "bad address")))).toEqual({
    status: "fail",
    asked: "kubernetes: wget",
    found: "bad address",
  });
  expect(judge(healthy)).toMatchObject({
    status: "unknown",
    found: "no access to it in the stack outputs",
  });
  const { dcos: _none, ...workloads } = healthy.workloads;
  expect(judge({ ...healthy, workloads })).toMatchObject({
    status: "skip",
    found: "dcos has no probe in the configuration",
  });
});

test.each([
  [["mesos", "thisdcos.directory"], "seamless-probe.marathon.containerip.dcos.thisdcos.directory"],
  [["mesos"], "seamless-probe.marathon.mesos"],
  [["dcos.example"], "seamless-probe.marathon.dcos.example"],
])("the probe's name on DC/OS in %j", async (zones, expected) => {
  const probe = await dcosProbe({ ...dcos, names: { zones, servers: [] } }, { nodes: {} }, "");
  expect(probe.host).toBe(expected);
});

test("COEs without names for others have none", async () => {
  expect((await dcosProbe(dcos, { nodes: {} }, "")).host).toBeUndefined();
});
