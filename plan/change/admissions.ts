import { describePolicy } from "../policy";
import type { CoePlan, Plan } from "../types";
import { names } from "./ranges";
import type { AdmissionChange, OutgoingChange } from "./types";

/** Who is let in by COEs that stay. */
export function admissionChanges(before: Plan, after: Plan): AdmissionChange[] {
  return stayers(before, after).flatMap(([was, is]): AdmissionChange[] => {
    const [old, next] = [admission(was), admission(is)];
    return old === next ? [] : [{ coe: is.name, before: old, after: next }];
  });
}

export function outgoingChanges(before: Plan, after: Plan): OutgoingChange[] {
  return stayers(before, after).flatMap(([was, is]) =>
    was.natOutgoing === is.natOutgoing ? [] : [{ coe: is.name, nat: is.natOutgoing }],
  );
}

/** COEs that are deployed before and after. */
export function stayers(before: Plan, after: Plan): (readonly [was: CoePlan, is: CoePlan])[] {
  return names(before, after).flatMap((coe) => {
    const [was, is] = [before.coes[coe], after.coes[coe]];
    return was?.deployed === true && is?.deployed === true ? [[was, is] as const] : [];
  });
}

function admission(coe: CoePlan): string {
  const { hosts = [] } = coe.policy;
  return [describePolicy(coe), ...(hosts.length === 0 ? [] : [`hosts ${hosts.join(", ")}`])].join(
    ", ",
  );
}
