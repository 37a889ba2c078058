import type { Answer, Workload } from "../../components/ask/types";
import { admits, describePolicy } from "../../plan/policy";
import type { CoePlan, Plan } from "../../plan/types";
import { deployedCoes, pairs } from "../coes";
import { getBetween } from "../needs";
import type { Judged, Observation, ProbeReply, Verdict } from "../types";

/** A GET for each ordered pair of COEs. */
export function httpChecks(plan: Plan): Judged[] {
  return pairs(deployedCoes(plan)).map(
    ([from, to]): Judged => ({
      id: `http/${from.name}-to-${to.name}`,
      group: "http",
      title: admits(to, from)
        ? `GET from ${from.name} to ${to.name}, own address seen by the server`
        : `GET from ${from.name} to ${to.name} is dropped, for ${to.name} is ${describePolicy(to)}`,
      needs: getBetween("fetches", from, to),
      judge: (seen) => judgeHttp(from, to, seen),
    }),
  );
}

/**
 * A GET across COEs must be answered, by the right server, which must have seen the client's own address. Where the
 * plan's policy keeps the client out, nothing must come back: a refusal would be a sign that it was reached.
 */
function judgeHttp(from: CoePlan, to: CoePlan, seen: Observation): Verdict {
  const missing = missingProbe([from, to], seen);
  if (missing !== undefined) return missing;
  const fetched = seen.fetches[`${from.name}-to-${to.name}`];
  if (fetched === undefined) return notTried;
  const { answer } = fetched;
  return admits(to, from) ? judgeAnswer(answer, fetched.from) : judgeSilence(answer);
}

function judgeAnswer(answer: Answer<ProbeReply>, from: Workload): Verdict {
  const { asked } = answer;
  if (!answer.ok) return { status: "fail", asked, found: explained(answer) };
  const { client, server } = answer.value;
  if (client !== from.address) {
    return {
      status: "fail",
      asked,
      found: `${server} saw the client as ${client} instead of ${from.address}: something on the path translates addresses`,
    };
  }
  return { status: "pass", asked, found: `${server} answered, client seen as ${client}` };
}

export function judgeSilence(answer: Answer<ProbeReply>): Verdict {
  const { asked } = answer;
  if (answer.ok)
    return {
      status: "fail",
      asked,
      found: `${answer.value.server} answered ${answer.value.client}, which the policy keeps out`,
    };
  return answer.silent
    ? { status: "pass", asked, found: "dropped, as planned" }
    : { status: "fail", asked, found: `not dropped: ${answer.error}` };
}

export function explained(answer: { readonly error: string; readonly silent?: true }): string {
  return answer.silent
    ? `${answer.error} (no refusal either: dropped on the way, by a policy or for want of a route)`
    : answer.error;
}

export function missingProbe(coes: readonly CoePlan[], seen: Observation): Verdict | undefined {
  for (const coe of coes) {
    const workloads = seen.workloads[coe.name];
    if (workloads === undefined) {
      return { status: "skip", asked: "", found: `${coe.name} has no probe in the configuration` };
    }
    if (!workloads.ok) return { status: "fail", asked: workloads.asked, found: workloads.error };
    if (workloads.value.length === 0) {
      return { status: "fail", asked: workloads.asked, found: `no running probe in ${coe.name}` };
    }
  }
  return undefined;
}

export const notTried: Verdict = { status: "fail", asked: "", found: "not tried" };
