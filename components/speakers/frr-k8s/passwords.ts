import { endsAt } from "../../../plan/sessions";
import type { CoePlan, Plan } from "../../../plan/types";
import { ourLabels, secretName } from "./names";

/** Names of the passwords of a COE's sessions, in order. */
export function passwordNames(plan: Plan, { nodes }: CoePlan): string[] {
  const names = Object.values(nodes).flatMap(({ id }) =>
    endsAt(plan.sessions, id).flatMap(({ session }) => session.password ?? []),
  );
  return [...new Set(names)].sort();
}

/** One Secret with a password. */
export interface SecretOf {
  readonly password: string;
  /** The reflector whose sessions it is of; absent where there is one. */
  readonly reflector?: string;
}

/** The Secrets of a COE: of each reflector its own where there are several, for these change one after the other. */
export function passwordSecrets(plan: Plan, coe: CoePlan): SecretOf[] {
  const reflectors = Object.keys(plan.reflectors);
  return passwordNames(plan, coe).flatMap((password) =>
    reflectors.length > 1
      ? reflectors.map((reflector) => ({ password, reflector }))
      : [{ password }],
  );
}

/** A Secret but for its data: of the type, and in the namespace, in which FRR-K8s takes it. */
export function secretOf({ password, reflector }: SecretOf, namespace: string) {
  return {
    metadata: { name: secretName(password, reflector), namespace, labels: ourLabels },
    type: "kubernetes.io/basic-auth",
  };
}

/** The name of its resource. */
export function secretResource(coe: string, { password, reflector }: SecretOf): string {
  return `${coe}-bgp-password-${password}${reflector === undefined ? "" : `-${reflector}`}`;
}
