import type { CoePlan } from "../plan/types";
import type { Verdict } from "./checks";
import { missingProbe, notTried } from "./judge-http";
import type { Observation } from "./types";

/** A GET by name must be answered, and by a workload of the COE whose name it is. */
export function judgeName(from: CoePlan, to: CoePlan, seen: Observation): Verdict {
  const missing = missingProbe([from, to], seen);
  if (missing !== undefined) return missing;
  const tried = seen.nameFetches[`${from.name}-to-${to.name}`];
  if (tried === undefined) return notTried;
  const { answer } = tried;
  const { host } = tried.to;
  const { asked } = answer;
  if (!answer.ok) return { status: "fail", asked, found: answer.error };
  const { server } = answer.value;
  const servers = seen.workloads[to.name];
  return servers?.ok === true && servers.value.some(({ name }) => name === server)
    ? { status: "pass", asked, found: `${host}: ${server} answered` }
    : { status: "fail", asked, found: `${host}: ${server} answered, which is none of ${to.name}` };
}
