import type { Answer, Workload } from "../components/ask/types";
import { admits } from "../plan/policy";
import type { CoePlan } from "../plan/types";
import type { Verdict } from "./checks";
import type { Observation, ProbeReply } from "./types";

/**
 * A GET across COEs must be answered, by the right server, which must have seen the client's own address. Where the
 * plan's policy keeps the client out, nothing must come back: a refusal would be a sign that it was reached.
 */
export function judgeHttp(from: CoePlan, to: CoePlan, seen: Observation): Verdict {
  const missing = missingProbe([from, to], seen);
  if (missing !== undefined) return missing;
  const fetched = seen.fetches[`${from.name}-to-${to.name}`];
  if (fetched === undefined) return notTried;
  const { answer } = fetched;
  return admits(to, from) ? judgeAnswer(answer, fetched.from) : judgeSilence(answer);
}

/** Who is no container gets an answer from an open COE, and from no other. */
export function judgeIntrusion(coe: CoePlan, seen: Observation): Verdict {
  const missing = missingProbe([coe], seen);
  if (missing !== undefined) return missing;
  const tried = seen.intrusions[coe.name];
  if (tried === undefined)
    return { status: "skip", asked: "", found: "no node of another COE can be asked to try" };
  const { answer, from } = tried;
  if (coe.policy.mode !== "open") return judgeSilence(answer);
  if (!answer.ok) return { status: "fail", asked: answer.asked, found: explained(answer) };
  return {
    status: "pass",
    asked: answer.asked,
    found: `open to everybody: ${answer.value.server} answered ${from}`,
  };
}

/** Nothing of the datastore comes back to a container: a refusal would be a sign that its node was reached. */
export function judgeDatastore(from: CoePlan, to: CoePlan, seen: Observation): Verdict {
  const missing = missingProbe([from], seen);
  if (missing !== undefined) return missing;
  const answer = seen.datastores?.[`${from.name}-to-${to.name}`];
  if (answer === undefined) return notTried;
  const { asked } = answer;
  if (answer.ok)
    return { status: "fail", asked, found: `the datastore answered ${answer.value.trim()}` };
  return answer.silent
    ? { status: "pass", asked, found: "dropped, as planned" }
    : { status: "fail", asked, found: `not dropped: ${answer.error}` };
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

function judgeSilence(answer: Answer<ProbeReply>): Verdict {
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

function explained(answer: { readonly error: string; readonly silent?: true }): string {
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
