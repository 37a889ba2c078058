import type { CoePlan } from "../plan/types";
import type { Verdict } from "./checks";
import type { Observation } from "./types";

/** A GET across engines must be answered, by the right server, which must have seen the client's own address. */
export function judgeHttp(from: CoePlan, to: CoePlan, seen: Observation): Verdict {
  for (const coe of [from, to]) {
    const workloads = seen.workloads[coe.name];
    if (workloads === undefined) {
      return { status: "skip", asked: "", found: `${coe.name} has no probe in the configuration` };
    }
    if (!workloads.ok) return { status: "fail", asked: workloads.asked, found: workloads.error };
    if (workloads.value.length === 0) {
      return { status: "fail", asked: workloads.asked, found: `no running probe in ${coe.name}` };
    }
  }
  const fetched = seen.fetches[`${from.name}-to-${to.name}`];
  if (fetched === undefined) return { status: "fail", asked: "", found: "not tried" };
  const { answer } = fetched;
  if (!answer.ok) return { status: "fail", asked: answer.asked, found: answer.error };
  const { client, server } = answer.value;
  if (client !== fetched.from.address) {
    return {
      status: "fail",
      asked: answer.asked,
      found: `${server} saw the client as ${client} instead of ${fetched.from.address}: something on the path translates addresses`,
    };
  }
  return {
    status: "pass",
    asked: answer.asked,
    found: `${server} answered, client seen as ${client}`,
  };
}
