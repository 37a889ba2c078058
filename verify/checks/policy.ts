import { datastoreNodes } from "../../components/kinds/models";
import { describePolicy } from "../../plan/policy";
import type { CoePlan, Plan } from "../../plan/types";
import { deployedCoes } from "../coes";
import { datastoreFrom, intrusionInto } from "../needs";
import type { Judged, Observation, Verdict } from "../types";
import { explained, judgeSilence, missingProbe, notTried } from "./http";

/** Whoever is no container reaches those that are open to everybody, and no others. */
export function policyChecks(plan: Plan): Judged[] {
  return deployedCoes(plan).map(
    (coe): Judged => ({
      id: `policy/${coe.name}`,
      group: "policy",
      title:
        coe.policy.mode === "open"
          ? `${coe.name} accepts traffic from hosts (policy: open)`
          : `${coe.name} lets in containers only (${describePolicy(coe)})`,
      needs: intrusionInto(coe),
      judge: (seen) => judgeIntrusion(coe, seen),
    }),
  );
}

/** Containers do not reach a datastore that asks for no login. */
export function datastoreChecks(plan: Plan): Judged[] {
  const deployed = deployedCoes(plan);
  return deployed
    .filter((to) => datastoreNodes(to).length > 0)
    .flatMap((to) =>
      deployed.map(
        (from): Judged => ({
          id: `policy/${from.name}-to-${to.name}/datastore`,
          group: "policy",
          title: `containers of ${from.name} do not reach the datastore of ${to.name}, which asks for no login`,
          needs: datastoreFrom(from, to),
          judge: (seen) => judgeDatastore(from, to, seen),
        }),
      ),
    );
}

/** Who is no container gets an answer from an open COE, and from no other. */
function judgeIntrusion(coe: CoePlan, seen: Observation): Verdict {
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
function judgeDatastore(from: CoePlan, to: CoePlan, seen: Observation): Verdict {
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
