import { exitCode, SeamlessError } from "../../../util/errors";
import { listOf } from "../../../util/ranges";
import { profileName } from "./objects";
import { policyName } from "./policy";
import type { CalicoPlan } from "./types";

/** The four kinds of the v1 API (calicoctl 1.x, etcd v2 datastore) that the reference experiment sets. */
export type CalicoV1Document =
  | {
      readonly apiVersion: "v1";
      readonly kind: "ipPool";
      readonly metadata: { readonly cidr: string };
      readonly spec: {
        readonly "nat-outgoing": boolean;
        readonly ipip: { readonly enabled: boolean };
        readonly disabled?: true;
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

/**
 * The documents of the reference experiment, in its order and with its order of keys.
 * @throws SeamlessError for what v1 cannot say: it has no tiers, announces no services, and is given one AS
 */
export function calicoV1Documents(plan: CalicoPlan): readonly CalicoV1Document[] {
  if (plan.policy.mode !== "open")
    throw new SeamlessError(
      `policy: found ${plan.policy.mode}; calicoctl 1.x knows no tiers: use open, or Calico 3.29 or later`,
      exitCode.usage,
    );
  if (plan.nodes !== undefined) {
    const asns = [...new Set(Object.values(plan.nodes).map(({ asn }) => asn))].sort();
    throw new SeamlessError(
      `found nodes in AS ${asns.join(", ")}; a Calico 2.x is given one AS for all its nodes: use one, or Calico 3`,
      exitCode.usage,
    );
  }
  if (plan.accepts !== undefined)
    throw new SeamlessError(
      "network.nodeFilters: found true; Calico 2.x has no BGP filters: leave it out, or use Calico 3.31 or later",
      exitCode.usage,
    );
  const announced = [...Object.values(plan.announced), plan.balanced ?? []].flat();
  if (announced.length > 0)
    throw new SeamlessError(
      `found announced ranges ${announced.join(", ")}; Calico 2.x announces no services: leave announceServices, loadBalancerCidr and externalCidr out`,
      exitCode.usage,
    );
  return [
    ...listOf(plan.podCidr).map(
      (cidr): CalicoV1Document => ({
        apiVersion: "v1",
        kind: "ipPool",
        metadata: { cidr },
        spec: {
          "nat-outgoing": plan.natOutgoing,
          ipip: { enabled: false },
          ...(plan.retiring?.includes(cidr) === true ? { disabled: true } : {}),
        },
      }),
    ),
    ...(plan.natOutgoing ? Object.values(plan.foreign).flat() : []).map(
      (cidr): CalicoV1Document => ({
        apiVersion: "v1",
        kind: "ipPool",
        metadata: { cidr },
        spec: { "nat-outgoing": false, ipip: { enabled: false }, disabled: true },
      }),
    ),
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
 * As argument vectors, in the order to run them (the mesh is set last).
 */
export function calicoV1Settings(plan: CalicoPlan): readonly (readonly string[])[] {
  return [
    ["calicoctl", "config", "set", "asNumber", String(plan.asn)],
    ["calicoctl", "config", "set", "nodeToNodeMesh", plan.ownMesh === true ? "on" : "off"],
  ];
}
