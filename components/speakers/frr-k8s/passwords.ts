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

/** The Secret of one password but for its data: of the type, and in the namespace, in which FRR-K8s takes it. */
export function secretOf(password: string, namespace: string) {
  return {
    metadata: { name: secretName(password), namespace, labels: ourLabels },
    type: "kubernetes.io/basic-auth",
  };
}
