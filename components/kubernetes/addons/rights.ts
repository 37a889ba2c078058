import type { Document } from "./documents";

const apiGroup = "rbac.authorization.k8s.io";
const apiVersion = `${apiGroup}/v1`;

/** A kind of object, or of objects, and what may be done with it; RBAC's PolicyRule. */
export interface Right {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}

/** Who gets rights, and how what gives them is called and labelled. */
export interface Grant {
  readonly name: string;
  readonly account: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
}

/** Rights in the namespace of the account alone. */
export function localRights(grant: Grant, rules: Right[]): { role: Document; binding: Document } {
  const { name, namespace, labels } = grant;
  const metadata = { name, namespace, labels };
  return {
    role: { apiVersion, kind: "Role", metadata, rules },
    binding: {
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name },
      subjects: subjects(grant),
    },
  };
}

/** Rights in the whole cluster. */
export function clusterRights(grant: Grant, rules: Right[]): { role: Document; binding: Document } {
  const { name, labels } = grant;
  return {
    role: { apiVersion, kind: "ClusterRole", metadata: { name, labels }, rules },
    binding: boundRole(grant, name),
  };
}

/** Binds a role of the cluster that is there. */
export function boundRole(grant: Grant, role: string): Document {
  return {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name: grant.name, labels: grant.labels },
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: subjects(grant),
  };
}

function subjects({ account, namespace }: Grant) {
  return [{ kind: "ServiceAccount", name: account, namespace }];
}
