import type { CalicoObject } from "../speakers/calico/types";

/** An object as it stands in the Kubernetes API. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * Takes fields over from whoever has set them before, as calicoctl or an installation of Calico with a pool of this
 * name; without it an update ends with a conflict of field managers.
 */
export const patchForce = "pulumi.com/patchForce";

const annotations = { [patchForce]: "true" };

/**
 * A v3 object in the form in which Calico keeps it in the Kubernetes API: the resources of crd.projectcalico.org/v1,
 * which need no API server of Calico's. They have the same spec, but a policy's name says its tier, which
 * calicoctl adds and takes away ("Calico tiers": objects without one belong to `default`).
 */
export function storedObject(object: CalicoObject): StoredObject {
  const apiVersion = "crd.projectcalico.org/v1";
  const { kind, metadata, spec } = object;
  if (kind === "GlobalNetworkPolicy" && object.spec.tier === undefined)
    return {
      apiVersion,
      kind,
      metadata: { name: `default.${metadata.name}`, annotations },
      spec: { ...spec, tier: "default" },
    };
  return { apiVersion, kind, metadata: { ...metadata, annotations }, spec: { ...spec } };
}
