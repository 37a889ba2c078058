/** What calico-node needs to read passwords of BGP sessions ("Secure BGP sessions" of Calico's documentation). */
import { endsAt } from "../../plan/sessions";
import type { Plan } from "../../plan/types";
import { passwordSecret, passwordSecretFor } from "../speakers/calico/names";
import type { CalicoPlan } from "../speakers/calico/types";
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

/** One Secret with passwords. */
export interface SecretOf {
  readonly name: string;
  /** The reflector whose sessions they are of; absent where it is that of all. */
  readonly reflector?: string;
}

/** The Secrets that a COE's peers refer to. */
export function passwordSecrets(plan: Plan, { reflectors }: CalicoPlan): SecretOf[] {
  const named = new Set(Object.values(reflectors).flatMap(({ secret }) => secret ?? []));
  if (named.size === 0) return [{ name: passwordSecret }];
  return Object.keys(plan.reflectors)
    .map((reflector) => ({ name: passwordSecretFor(reflector), reflector }))
    .filter(({ name }) => named.has(name));
}

const labels = { "app.kubernetes.io/managed-by": "seamless" };

/** A Secret but for its data; in the namespace of calico-node, where it looks for it. */
export function passwordSecretObject(name: string, namespace: string = usualNamespace) {
  return { metadata: { name, namespace, labels }, type: "Opaque" };
}

/** The rights to read the Secrets. */
export function passwordObjects(names: readonly string[], namespace: string = usualNamespace) {
  const metadata = { name: passwordSecret, namespace, labels };
  return {
    role: {
      metadata,
      rules: [
        {
          apiGroups: [""],
          resources: ["secrets"],
          resourceNames: [...names],
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
