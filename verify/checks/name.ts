import { admits } from "../../plan/policy";
import type { CoePlan, Plan } from "../../plan/types";
import { deployedCoes, pairs } from "../coes";
import { getBetween } from "../needs";
import type { Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, unreachable } from "../verdict";
import { missingProbe } from "./http";

/** A GET by name for each ordered pair of COEs of which the second offers names. */
export function nameChecks(plan: Plan): Judged[] {
  return pairs(deployedCoes(plan))
    .filter(([from, to]) => to.names !== undefined && admits(to, from))
    .map(
      ([from, to]): Judged => ({
        id: `name/${from.name}-to-${to.name}`,
        group: "name",
        title: `GET from ${from.name} by a name of ${to.name} is answered by ${to.name}`,
        needs: getBetween("nameFetches", from, to),
        judge: (seen) => judgeName(from, to, seen),
      }),
    );
}

/** A GET by name must be answered, and by a workload of the COE whose name it is. */
function judgeName(from: CoePlan, to: CoePlan, seen: Observation): Verdict {
  const about: About = {
    at: `${from.name} -> ${to.name}`,
    expected: `an answer from ${to.name}`,
    source: `plan: coes.${to.name}.names`,
    cause: `name servers of ${from.name} do not forward the zones of ${to.name}, or its name servers do not answer`,
    remedy: `see http/${from.name}-to-${to.name} first; then ask ${(to.names?.servers ?? []).join(", ")} for the name; to apply the forwards again run: pulumi up`,
  };
  const missing = missingProbe([from, to], seen, about);
  if (missing !== undefined) return missing;
  const tried = seen.nameFetches[`${from.name}-to-${to.name}`];
  if (tried === undefined) return unreachable(about);
  const { answer } = tried;
  const { host } = tried.to;
  const { asked } = answer;
  if (!answer.ok) return refused(answer, about);
  const { server } = answer.value;
  const servers = seen.workloads[to.name];
  return servers?.ok === true && servers.value.some(({ name }) => name === server)
    ? pass(asked, `${host}: ${server} answered`)
    : fail(asked, `${host}: ${server} answered, which is none of ${to.name}`, about);
}
