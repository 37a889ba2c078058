import type { Answer, Workload } from "../../components/ask/types";
import { admits, describePolicy } from "../../plan/policy";
import type { CoePlan, Plan } from "../../plan/types";
import { deployedCoes, pairs } from "../coes";
import { getBetween } from "../needs";
import type { Judged, Observation, ProbeReply, Verdict } from "../types";
import { type About, fail, pass, type Refusal, refused, skip, unreachable } from "../verdict";
import { mayBeElse } from "./kernel/suspects";

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
      judge: (seen) => judgeHttp(plan, from, to, seen),
    }),
  );
}

/**
 * A GET across COEs must be answered, by the right server, which must have seen the client's own address. Where the
 * plan's policy keeps the client out, nothing must come back: a refusal would be a sign that it was reached.
 */
function judgeHttp(plan: Plan, from: CoePlan, to: CoePlan, seen: Observation): Verdict {
  const about: About = {
    at: `${from.name} -> ${to.name}`,
    expected: admits(to, from)
      ? "an answer, to the client's own address"
      : "nothing at all: neither an answer nor a refusal",
    source: `plan: coes.${to.name}.policy`,
  };
  const missing = missingProbe([from, to], seen, about);
  if (missing !== undefined) return missing;
  const fetched = seen.fetches[`${from.name}-to-${to.name}`];
  if (fetched === undefined) return unreachable(about);
  const { answer, from: client, to: server } = fetched;
  const ends = { ...about, at: `${client.node} -> ${server.node}` };
  if (!admits(to, from)) return judgeSilence(answer, { ...ends, ...policyOff(to) });
  const more = answer.ok ? "" : mayBeElse(plan, seen, client.node, server.node);
  return judgeAnswer(answer, client, server, ends, more);
}

function judgeAnswer(
  answer: Answer<ProbeReply>,
  from: Workload,
  to: Workload,
  about: About,
  program: string,
): Verdict {
  const { asked } = answer;
  if (!answer.ok)
    return unanswered(answer, { ...about, ...whyUnanswered(answer, from, to, program) });
  const { client, server } = answer.value;
  if (client === from.address) return pass(asked, `${server} answered, client seen as ${client}`);
  return fail(
    asked,
    `${server} saw the client as ${client} instead of ${from.address}: something on the path translates addresses`,
    {
      ...about,
      expected: `the client seen as ${from.address}`,
      cause: `a NAT rule on ${from.node}, where packets leave the container range, or natOutgoing of a pool`,
      remedy: `look for MASQUERADE and SNAT rules on ${from.node} that take ${from.address}; to apply the pools again run: pulumi up`,
    },
  );
}

/** Silence is a drop, or a way back that is missing; a refusal comes from the server's end. */
function whyUnanswered(
  { silent }: Refusal,
  from: Workload,
  to: Workload,
  program: string,
): Partial<About> {
  return silent === true
    ? {
        cause: `a policy, a firewall or a missing route on ${from.node} or ${to.node}, on the way there or back${program}`,
        remedy: `run: seamless explain ${from.address} ${to.address}`,
      }
    : {
        cause: `${to.name} on ${to.node} does not listen, or something on the way refuses for it`,
        remedy: `look at ${to.name}; then run: seamless explain ${from.address} ${to.address}`,
      };
}

/** Why somebody gets in whom the plan keeps out. */
export function policyOff(to: CoePlan): Partial<About> {
  return {
    cause: `the policy of ${to.name} is not applied, or another one that sorts before it lets the traffic in`,
    remedy: `run: pulumi up; then look for policies in ${to.name} that sort before the plan's`,
  };
}

/** Passes where nothing at all came back. */
export function judgeSilence(answer: Answer<ProbeReply>, about: About): Verdict {
  const { asked } = answer;
  if (answer.ok) {
    const { server, client } = answer.value;
    return fail(asked, `${server} answered ${client}, which the policy keeps out`, about);
  }
  if (answer.silent) return pass(asked, "dropped, as planned");
  return refused({ ...answer, error: notDropped(answer) }, about);
}

export function notDropped({ error, unasked }: Refusal): string {
  return unasked === true ? error : `not dropped: ${error}`;
}

/** What is said where an answer was expected and none came. */
export function unanswered(answer: Refusal, about: About): Verdict {
  const error = answer.silent
    ? `${answer.error} (no refusal either: dropped on the way, by a policy or for want of a route)`
    : answer.error;
  return refused({ ...answer, error }, about);
}

/** What is said where a COE has nobody to ask from, or to ask. */
export function missingProbe(
  coes: readonly CoePlan[],
  seen: Observation,
  about: About,
): Verdict | undefined {
  for (const coe of coes) {
    const workloads = seen.workloads[coe.name];
    if (workloads === undefined) return skip("", `${coe.name} has no probe in the configuration`);
    const here: About = {
      ...about,
      at: coe.name,
      cause: `the probe of ${coe.name} was removed, or does not get ready`,
      remedy: `look at the probe in ${coe.name}; to make it again run: pulumi up`,
    };
    if (!workloads.ok) return refused(workloads, here);
    if (workloads.value.length === 0)
      return fail(workloads.asked, `no running probe in ${coe.name}`, here);
  }
  return undefined;
}
