import { datastoreNodes } from "../../components/kinds/models";
import { describePolicy } from "../../plan/policy";
import type { CoePlan, Plan } from "../../plan/types";
import { deployedCoes } from "../coes";
import { datastoreFrom, intrusionInto } from "../needs";
import type { Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";
import { judgeSilence, missingProbe, notDropped, policyOff, unanswered } from "./http";

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
  const open = coe.policy.mode === "open";
  const about: About = {
    at: coe.name,
    expected: open ? "an answer" : "nothing at all: neither an answer nor a refusal",
    source: `plan: coes.${coe.name}.policy`,
  };
  const missing = missingProbe([coe], seen, about);
  if (missing !== undefined) return missing;
  const tried = seen.intrusions[coe.name];
  if (tried === undefined) return skip("", "no node of another COE can be asked to try");
  const { answer, from, to } = tried;
  const ends = { ...about, at: `${from} -> ${to.node}` };
  if (!open) return judgeSilence(answer, { ...ends, ...policyOff(coe) });
  if (!answer.ok)
    return unanswered(answer, {
      ...ends,
      cause: `a policy of ${coe.name} or a firewall on ${to.node} keeps hosts out, or ${from} has no route`,
      remedy: `see fib/${from} first; then look for policies in ${coe.name} that sort before the plan's`,
    });
  return pass(answer.asked, `open to everybody: ${answer.value.server} answered ${from}`);
}

/** Nothing of the datastore comes back to a container: a refusal would be a sign that its node was reached. */
function judgeDatastore(from: CoePlan, to: CoePlan, seen: Observation): Verdict {
  const about: About = {
    at: `${from.name} -> ${to.name}`,
    expected: "nothing at all: neither an answer nor a refusal",
    source: `plan: coes.${to.name}`,
    ...policyOff(to),
  };
  const missing = missingProbe([from], seen, about);
  if (missing !== undefined) return missing;
  const answer = seen.datastores?.[`${from.name}-to-${to.name}`];
  if (answer === undefined) return unreachable(about);
  const { asked } = answer;
  if (answer.ok) return fail(asked, `the datastore answered ${answer.value.trim()}`, about);
  if (answer.silent) return pass(asked, "dropped, as planned");
  return refused({ ...answer, error: notDropped(answer) }, about);
}
