import type { CoePlan, Plan } from "../../plan/types";
import { deployedCoes } from "../coes";
import type { CheckGroup, Judged, Observation, Verdict } from "../types";

/** Each add-on is used as users do. */
export function addonChecks(plan: Plan): Judged[] {
  return checks(plan, "addon", (coe) => coe.addons);
}

/** Each package is used as users do. */
export function packageChecks(plan: Plan): Judged[] {
  return checks(plan, "package", (coe) => coe.packages ?? []);
}

function checks(plan: Plan, group: CheckGroup, of: (coe: CoePlan) => readonly string[]): Judged[] {
  return deployedCoes(plan).flatMap((coe) =>
    of(coe).map(
      (name): Judged => ({
        id: `${group}/${coe.name}/${name}`,
        group,
        title: `${name} of ${coe.name} answers`,
        needs: [`addons/${coe.name}/${name}`],
        judge: (seen) => judgeAddon(coe, name, seen),
      }),
    ),
  );
}

function judgeAddon(coe: CoePlan, name: string, seen: Observation): Verdict {
  const answer = seen.addons[`${coe.name}/${name}`];
  if (answer === undefined)
    return { status: "fail", asked: "", found: "no access to it in the stack outputs" };
  const { asked } = answer;
  return answer.ok
    ? { status: "pass", asked, found: answer.value }
    : { status: "fail", asked, found: answer.error };
}
