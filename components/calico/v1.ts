import { type CalicoPlan, policyName, profileName } from "./objects";

/** The four kinds of the v1 API (calicoctl 1.x, etcd v2 datastore) that the reference experiment sets. */
export type CalicoV1Document =
  | {
      readonly apiVersion: "v1";
      readonly kind: "ipPool";
      readonly metadata: { readonly cidr: string };
      readonly spec: {
        readonly "nat-outgoing": boolean;
        readonly ipip: { readonly enabled: boolean };
      };
    }
  | {
      readonly apiVersion: "v1";
      readonly kind: "bgpPeer";
      readonly metadata: { readonly peerIP: string; readonly scope: "global" };
      readonly spec: { readonly asNumber: number };
    }
  | {
      readonly apiVersion: "v1";
      readonly kind: "policy";
      readonly metadata: { readonly name: string };
      readonly spec: {
        readonly types: readonly ("ingress" | "egress")[];
        readonly ingress: readonly V1Rule[];
        readonly egress: readonly V1Rule[];
      };
    }
  | {
      readonly apiVersion: "v1";
      readonly kind: "profile";
      readonly metadata: { readonly name: string };
      readonly spec: { readonly egress: readonly V1Rule[]; readonly ingress: readonly V1Rule[] };
    };

interface V1Rule {
  readonly action: "allow";
}

const allow: readonly V1Rule[] = [{ action: "allow" }];

/** The documents of the reference experiment, in its order and with its order of keys. */
export function calicoV1Documents(plan: CalicoPlan): readonly CalicoV1Document[] {
  return [
    {
      apiVersion: "v1",
      kind: "ipPool",
      metadata: { cidr: plan.podCidr },
      spec: { "nat-outgoing": false, ipip: { enabled: false } },
    },
    ...Object.values(plan.reflectors).map(
      ({ address, asn }): CalicoV1Document => ({
        apiVersion: "v1",
        kind: "bgpPeer",
        metadata: { peerIP: address, scope: "global" },
        spec: { asNumber: asn },
      }),
    ),
    {
      apiVersion: "v1",
      kind: "policy",
      metadata: { name: policyName },
      spec: { types: ["ingress", "egress"], ingress: allow, egress: allow },
    },
    {
      apiVersion: "v1",
      kind: "profile",
      metadata: { name: profileName },
      spec: { egress: allow, ingress: allow },
    },
  ];
}

/**
 * What v1 has no document for: the AS and the mesh are settings of `calicoctl config`.
 * As argument vectors, in the order to run them (the mesh goes off last).
 */
export function calicoV1Settings(plan: CalicoPlan): readonly (readonly string[])[] {
  return [
    ["calicoctl", "config", "set", "asNumber", String(plan.asn)],
    ["calicoctl", "config", "set", "nodeToNodeMesh", "off"],
  ];
}
