import * as k8s from "@pulumi/kubernetes";
import type { CustomResourceOptions, Resource } from "@pulumi/pulumi";

/** Arguments of a resource as a document that stands for itself: with its kind, as kubectl takes it. */
type Of<Version, Kind, Args> = Omit<Args, "apiVersion" | "kind"> & {
  readonly apiVersion: Version;
  readonly kind: Kind;
};

type Rbac<Kind, Args> = Of<"rbac.authorization.k8s.io/v1", Kind, Args>;

/** One object of an add-on. */
export type Document =
  | Of<"v1", "Namespace", k8s.core.v1.NamespaceArgs>
  | Of<"v1", "ServiceAccount", k8s.core.v1.ServiceAccountArgs>
  | Of<"v1", "ConfigMap", k8s.core.v1.ConfigMapArgs>
  | Of<"v1", "Secret", k8s.core.v1.SecretArgs>
  | Of<"v1", "Service", k8s.core.v1.ServiceArgs>
  | Of<"apps/v1", "Deployment", k8s.apps.v1.DeploymentArgs>
  | Rbac<"Role", k8s.rbac.v1.RoleArgs>
  | Rbac<"RoleBinding", k8s.rbac.v1.RoleBindingArgs>
  | Rbac<"ClusterRole", k8s.rbac.v1.ClusterRoleArgs>
  | Rbac<"ClusterRoleBinding", k8s.rbac.v1.ClusterRoleBindingArgs>;

/** The objects of an add-on, by the part each is. */
export type Documents = Readonly<Record<string, Document>>;

/** What every object of an add-on is made with. */
export interface MakeOptions extends Omit<CustomResourceOptions, "dependsOn"> {
  readonly dependsOn: readonly Resource[];
}

/** Makes the objects of an add-on: its namespace, then what its pods need, then the pods. */
export function makeDocuments(name: string, documents: Documents, options: MakeOptions): void {
  const make = (kinds: (kind: string) => boolean, dependsOn: readonly Resource[]): Resource[] =>
    Object.entries(documents)
      .filter(([, { kind }]) => kinds(kind))
      .map(([part, document]) =>
        makeDocument(`${name}-${part}`, document, { ...options, dependsOn: [...dependsOn] }),
      );
  const namespaces = [
    ...options.dependsOn,
    ...make((kind) => kind === "Namespace", options.dependsOn),
  ];
  // A service waits for its pods by itself.
  const early = make((kind) => !["Namespace", "Service", "Deployment"].includes(kind), namespaces);
  make((kind) => kind === "Service", namespaces);
  make((kind) => kind === "Deployment", [...namespaces, ...early]);
}

function makeDocument(name: string, document: Document, options: CustomResourceOptions): Resource {
  switch (document.kind) {
    case "Namespace":
      return new k8s.core.v1.Namespace(name, document, options);
    case "ServiceAccount":
      return new k8s.core.v1.ServiceAccount(name, document, options);
    case "ConfigMap":
      return new k8s.core.v1.ConfigMap(name, document, options);
    case "Secret":
      // Made at random, and so once: later values are of no interest.
      return new k8s.core.v1.Secret(name, document, { ...options, ignoreChanges: ["data"] });
    case "Service":
      return new k8s.core.v1.Service(name, document, options);
    case "Deployment":
      return new k8s.apps.v1.Deployment(name, document, options);
    case "Role":
      return new k8s.rbac.v1.Role(name, document, options);
    case "RoleBinding":
      return new k8s.rbac.v1.RoleBinding(name, document, options);
    case "ClusterRole":
      return new k8s.rbac.v1.ClusterRole(name, document, options);
    case "ClusterRoleBinding":
      return new k8s.rbac.v1.ClusterRoleBinding(name, document, options);
  }
}
