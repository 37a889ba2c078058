import type { CoePlan, Plan } from "../../plan/types";
import { deployedCoes } from "../coes";
import type { CheckGroup, Judged, Observation, Verdict } from "../types";
import { type About, pass, refused, unreachable } from "../verdict";

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
        judge: (seen) => judgeAddon(group, coe, name, seen),
      }),
    ),
  );
}

function judgeAddon(group: CheckGroup, coe: CoePlan, name: string, seen: Observation): Verdict {
  const about: About = {
    at: coe.name,
    expected: `${name} answers as its users need it`,
    source: `plan: coes.${coe.name}.${group}s`,
    cause: `${name} is down, not ready, or was changed by hand`,
    remedy: `look at ${name} in ${coe.name}; to make it again run: pulumi up --refresh`,
  };
  const answer = seen.addons[`${coe.name}/${name}`];
  if (answer === undefined) return unreachable(about);
  return answer.ok ? pass(answer.asked, answer.value) : refused(answer, about);
}
