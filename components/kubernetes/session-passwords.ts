/** What calico-node needs to read passwords of BGP sessions ("Secure BGP sessions" of Calico's documentation). */
import { endsAt } from "../../plan/sessions";
import type { Plan } from "../../plan/types";
import { passwordSecret } from "../speakers/calico/names";
import { usualNamespace } from "./model/namespace";

/** The account that calico-node runs as, by Calico's manifest and by its operator. */
export const agentAccount = "calico-node";

const group = "rbac.authorization.k8s.io";

/** Names of the passwords of a COE's sessions, in order. */
export function passwordNames(plan: Plan, coe: string): string[] {
  const nodes = Object.values(plan.coes[coe]?.nodes ?? {});
  const names = nodes.flatMap(({ id }) =>
    endsAt(plan.sessions, id).flatMap(({ session }) => session.password ?? []),
  );
  return [...new Set(names)].sort();
}

/** The Secret but for its data, and the rights to read it; in the namespace of calico-node, where it looks for it. */
export function passwordObjects(namespace: string = usualNamespace) {
  const metadata = {
    name: passwordSecret,
    namespace,
    labels: { "app.kubernetes.io/managed-by": "seamless" },
  };
  return {
    secret: { metadata, type: "Opaque" },
    role: {
      metadata,
      rules: [
        {
          apiGroups: [""],
          resources: ["secrets"],
          resourceNames: [passwordSecret],
          verbs: ["get", "list", "watch"],
        },
      ],
    },
    binding: {
      metadata,
      roleRef: { apiGroup: group, kind: "Role", name: passwordSecret },
      subjects: [{ kind: "ServiceAccount", name: agentAccount, namespace }],
    },
  };
}

/** The Secret's data. */
export function passwordData(
  names: readonly string[],
  passwords: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, Buffer.from(passwords[name] ?? "").toString("base64")]),
  );
}
