import type { Plan } from "../../plan/types";
import { SeamlessError } from "../../util/errors";

/**
 * The part of the plan that one cluster's Calico is configured from; equal for every COE that runs Calico.
 */
export interface CalicoPlan {
  /** The range pods or tasks get their addresses from. */
  readonly podCidr: string;
  /** Prefix length of the block a node takes at a time. */
  readonly blockSize: number;
  /** The AS of the nodes. Calico's own default is 64512, with which nothing would be reflected. */
  readonly asn: number;
  /** The reflectors the nodes have sessions with, by name. */
  readonly reflectors: Readonly<Record<string, CalicoReflector>>;
}

/** What a node has to know of a reflector. */
export interface CalicoReflector {
  readonly address: string;
  readonly asn: number;
}

/** The shape all objects of projectcalico.org/v3 share (Calico resource definitions). */
interface V3<Kind extends string, Spec> {
  readonly apiVersion: "projectcalico.org/v3";
  readonly kind: Kind;
  readonly metadata: { readonly name: string };
  readonly spec: Spec;
}

export interface Rule {
  readonly action: "Allow";
}

export type IPPool = V3<
  "IPPool",
  {
    readonly blockSize: number;
    readonly cidr: string;
    readonly ipipMode: "Never";
    readonly natOutgoing: boolean;
    readonly nodeSelector: string;
    readonly vxlanMode: "Never";
  }
>;

export type BGPConfiguration = V3<
  "BGPConfiguration",
  { readonly asNumber: number; readonly nodeToNodeMeshEnabled: boolean }
>;

export type BGPPeer = V3<"BGPPeer", { readonly asNumber: number; readonly peerIP: string }>;

export type GlobalNetworkPolicy = V3<
  "GlobalNetworkPolicy",
  {
    readonly egress: readonly Rule[];
    readonly ingress: readonly Rule[];
    readonly selector: string;
    readonly types: readonly ("Ingress" | "Egress")[];
  }
>;

export type Profile = V3<
  "Profile",
  { readonly egress: readonly Rule[]; readonly ingress: readonly Rule[] }
>;

export type CalicoObject = IPPool | BGPConfiguration | BGPPeer | GlobalNetworkPolicy | Profile;

/** Everything one cluster's Calico needs to take part. */
export interface CalicoObjects {
  readonly pool: IPPool;
  readonly policy: GlobalNetworkPolicy;
  readonly profile: Profile;
  /** By reflector name. */
  readonly peers: Readonly<Record<string, BGPPeer>>;
  readonly configuration: BGPConfiguration;
}

/** Name of the policy that lets everything through, as the reference experiment calls it. */
export const policyName = "allow-all";
/** Name of the open profile, which is also the name of the container network on DC/OS. */
export const profileName = "calico-open";

/**
 * Takes out of the plan what the Calico of one COE is configured from.
 * @throws SeamlessError when the COE is not in the plan, or when its nodes are in different ASs, which one
 * BGPConfiguration cannot say.
 */
export function calicoPlan(plan: Plan, coeName: string): CalicoPlan {
  const coe = plan.coes[coeName];
  if (coe === undefined) {
    const known = Object.keys(plan.coes).join(", ");
    throw new SeamlessError(`coes.${coeName}: not in the plan; known: ${known}`);
  }
  const speakers = Object.values(coe.nodes).filter((node) => node.speaker);
  const asns = new Set(speakers.map((node) => node.asn));
  if (asns.size > 1) {
    throw new SeamlessError(
      `coes.${coeName}.nodes: found AS numbers ${[...asns].sort().join(", ")}; Calico's global BGP configuration holds one for all nodes: use one AS for each COE`,
    );
  }
  const ids = new Set(speakers.map((node) => node.id));
  const reflectors = Object.values(plan.sessions)
    .filter((session) => ids.has(session.node.id))
    .map(({ reflector }): [string, CalicoReflector] => [
      reflector.id,
      { address: reflector.address, asn: reflector.asn },
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    podCidr: coe.podCidr,
    blockSize: coe.blockSize,
    asn: [...asns][0] ?? plan.asn,
    reflectors: Object.fromEntries(reflectors),
  };
}

/**
 * The name Calico gives the v3 object of a v1 object that was known by an address or range only
 * ("Converting Calico v1 resources": `.`, `:` and `/` become `-`). Used for pools and peers, so that a
 * cluster converted from v1 has the same objects and not a second peer for one address, which BIRD refuses;
 * and since Calico does not allow a pool's range to change, a new range is a new pool, made before the old one goes.
 */
export function nameOfAddress(address: string): string {
  return address.replace(/[.:/]/g, "-");
}

const apiVersion = "projectcalico.org/v3";
const allow: readonly Rule[] = [{ action: "Allow" }];

/** The pool: no NAT and no encapsulation, so that addresses and routes are the containers' own. */
export function ipPool(plan: CalicoPlan): IPPool {
  return {
    apiVersion,
    kind: "IPPool",
    metadata: { name: nameOfAddress(plan.podCidr) },
    spec: {
      blockSize: plan.blockSize,
      cidr: plan.podCidr,
      ipipMode: "Never",
      natOutgoing: false,
      nodeSelector: "all()",
      vxlanMode: "Never",
    },
  };
}

/** The AS, and no sessions from node to node: routes come from the reflectors alone. */
export function bgpConfiguration(plan: CalicoPlan): BGPConfiguration {
  return {
    apiVersion,
    kind: "BGPConfiguration",
    metadata: { name: "default" },
    spec: { asNumber: plan.asn, nodeToNodeMeshEnabled: false },
  };
}

/** A global peer: no `node` and no `nodeSelector`, hence a session from every node. */
export function bgpPeer(reflector: CalicoReflector): BGPPeer {
  return {
    apiVersion,
    kind: "BGPPeer",
    metadata: { name: nameOfAddress(reflector.address) },
    spec: { asNumber: reflector.asn, peerIP: reflector.address },
  };
}

/** Lets all traffic in and out; without it Calico drops what comes from outside the COE. */
export function allowAllPolicy(): GlobalNetworkPolicy {
  return {
    apiVersion,
    kind: "GlobalNetworkPolicy",
    metadata: { name: policyName },
    spec: { egress: allow, ingress: allow, selector: "all()", types: ["Ingress", "Egress"] },
  };
}

/** The same rule as a profile, for endpoints that take their rules from the profile of their network. */
export function openProfile(): Profile {
  return {
    apiVersion,
    kind: "Profile",
    metadata: { name: profileName },
    spec: { egress: allow, ingress: allow },
  };
}

export function calicoObjects(plan: CalicoPlan): CalicoObjects {
  const peers = Object.entries(plan.reflectors).map(([name, reflector]): [string, BGPPeer] => [
    name,
    bgpPeer(reflector),
  ]);
  return {
    pool: ipPool(plan),
    policy: allowAllPolicy(),
    profile: openProfile(),
    peers: Object.fromEntries(peers),
    configuration: bgpConfiguration(plan),
  };
}

/** All objects in the order to apply them: the mesh goes off only when the peers that replace it are there. */
export function inOrder(objects: CalicoObjects): readonly CalicoObject[] {
  const { pool, policy, profile, peers, configuration } = objects;
  return [pool, policy, profile, ...Object.values(peers), configuration];
}
