import type { AnnouncedRanges, FencePrefix, PolicyPlan } from "../../../plan/types";
import type { PoolNames, Ranges } from "../../../util/ranges";

/**
 * The part of the plan that one cluster's Calico is configured from; equal for every COE that runs Calico.
 */
export interface CalicoPlan {
  /** The ranges pods or tasks get their addresses from; the first is the one the COE began with. */
  readonly podCidr: Ranges;
  /** Those of them that give no new addresses; absent where there are none. */
  readonly retiring?: readonly string[];
  /** The mode of the IPv4 pools' tunnel; absent where they have none. */
  readonly ipipMode?: "CrossSubnet";
  /** Name of the pool that was there before, or names by range; absent where pools are made. */
  readonly adoptedPool?: PoolNames;
  /** Prefix length of the block a node takes at a time. */
  readonly blockSize: number;
  /** The same for IPv6; absent where there is no IPv6 range. */
  readonly blockSize6?: number;
  /** The AS of nodes that have none of their own. Calico's default is 64512, with which nothing would be reflected. */
  readonly asn: number;
  /** By name, all nodes that speak BGP; absent where all are in one AS. */
  readonly nodes?: Readonly<Record<string, CalicoNode>>;
  /** Nodes have sessions with each other; absent where they have them with reflectors. */
  readonly topology?: "mesh";
  /** Whether those inside the COE are Calico's own mesh. Absent: they are not, or there are none. */
  readonly ownMesh?: true;
  /**
   * The reflectors and nodes of other COEs that the nodes have sessions with, by name; by `<name>/<node>` where the nodes'
   * sessions differ.
   */
  readonly reflectors: Readonly<Record<string, CalicoReflector>>;
  /** What the nodes accept from the reflectors; absent where that is everything. */
  readonly accepts?: readonly FencePrefix[];
  /** Whether the routers of the nodes' racks are the plan's, so that they have the routes to pods. Absent: they are not. */
  readonly rackRouters?: true;
  /** Ranges of services that the nodes announce. */
  readonly announced: AnnouncedRanges;
  /** False where somebody else assigns the addresses of announced.loadBalancerIPs; else absent. */
  readonly loadBalancerPool?: false;
  /** Range that load balancers announce by having addresses of it; absent where there are none. */
  readonly balanced?: Ranges;
  /** Whether traffic to what no pool holds takes the node's address. */
  readonly natOutgoing: boolean;
  /** Ranges of the other COEs, by COE name: what is reached without NAT. */
  readonly foreign: Readonly<Record<string, readonly string[]>>;
  readonly policy: CalicoPolicy;
  /** Datastores without a login that containers are kept away from; absent where there are none. */
  readonly datastores?: CalicoDatastores;
}

/** Where members of the package etcd are. */
export interface CalicoDatastores {
  /** Addresses of the nodes that may have one. */
  readonly members: readonly string[];
  /** Ranges of the COE's own virtual addresses, by which they are reached, too. */
  readonly virtual: readonly string[];
}

/** What Calico has to know of a node. */
export interface CalicoNode {
  readonly address: string;
  readonly asn: number;
}

/** What a node has to know of a reflector. */
export interface CalicoReflector {
  readonly address: string;
  readonly asn: number;
  /** Absent where it is 179. */
  readonly port?: number;
  /** Name of the node that has this session; absent where all nodes have the same with the reflector. */
  readonly node?: string;
  /** Name of the session's password; absent where it has none. */
  readonly password?: string;
  /** Name of the Secret that has it; absent where all reflectors have one together. */
  readonly secret?: string;
  /** Whether the nodes send it nothing of what they have learned. Absent: they send what Calico does. */
  readonly ownRoutesOnly?: true;
  /** Whether the session takes only packets that have passed no router. Absent: it takes all. */
  readonly ttlSecurity?: true;
  /** Whether a filter decides what is taken of it. Absent: everything is. */
  readonly filtered?: true;
}

/** Who is let in. */
export interface CalicoPolicy {
  readonly mode: PolicyPlan["mode"];
  /** Addresses of those that are let in, by COE name, the own one among them; empty when everybody is. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
  /** Ranges of hosts that are let in, too; absent where there are none. */
  readonly hosts?: readonly string[];
}

/** The shape all objects of projectcalico.org/v3 share (Calico resource definitions). */
interface V3<Kind extends string, Spec> {
  readonly apiVersion: "projectcalico.org/v3";
  readonly kind: Kind;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Spec;
}

export interface Rule {
  readonly action: "Allow" | "Pass" | "Deny";
  readonly protocol?: "TCP";
  readonly source?: {
    readonly selector?: string;
    /** `global()`: of objects that are in no namespace, which tenants cannot make. */
    readonly namespaceSelector?: "global()";
    readonly nets?: readonly string[];
  };
  readonly destination?: {
    readonly selector?: string;
    readonly nets?: readonly string[];
    readonly ports?: readonly number[];
  };
}

export type IPPool = V3<
  "IPPool",
  {
    /** What may be assigned from it. Absent: addresses of containers, and of tunnels. */
    readonly allowedUses?: readonly "LoadBalancer"[];
    /** Whether addresses are taken without being asked for by a service's annotation. */
    readonly assignmentMode?: "Automatic";
    readonly blockSize: number;
    readonly cidr: string;
    /** No addresses are assigned from it. */
    readonly disabled?: true;
    /** BIRD does not announce what is inside. */
    readonly disableBGPExport?: true;
    readonly ipipMode: "CrossSubnet" | "Never";
    readonly natOutgoing: boolean;
    /** Nodes whose containers get addresses of it. Absent: as it is, where the pool was there before. */
    readonly nodeSelector?: string;
    readonly vxlanMode: "Never";
  }
>;

interface CidrItem {
  readonly cidr: string;
}

export type BGPConfiguration = V3<
  "BGPConfiguration",
  {
    readonly asNumber: number;
    readonly nodeToNodeMeshEnabled: boolean;
    readonly serviceClusterIPs?: readonly CidrItem[];
    readonly serviceExternalIPs?: readonly CidrItem[];
    readonly serviceLoadBalancerIPs?: readonly CidrItem[];
  }
>;

export type BGPPeer = V3<
  "BGPPeer",
  {
    readonly asNumber: number;
    /** Names of filters, which are asked in this order. */
    readonly filters?: readonly string[];
    readonly node?: string;
    readonly password?: {
      readonly secretKeyRef: { readonly name: string; readonly key: string };
    };
    readonly peerIP: string;
    /** Most hops to the peer, with TTL security. Absent: there is none. */
    readonly ttlSecurity?: number;
  }
>;

/** What is sent to a peer or taken of it: the first rule about a route decides; without conditions it is about all. */
export interface FilterRule {
  readonly action: "Accept" | "Reject";
  readonly cidr?: string;
  readonly matchOperator?: "In";
  readonly prefixLength?: { readonly min: number; readonly max: number };
  /** `RemotePeers`: learned from any BGP peer. */
  readonly source?: "RemotePeers";
}

export type BGPFilter = V3<
  "BGPFilter",
  {
    readonly exportV4?: readonly FilterRule[];
    readonly exportV6?: readonly FilterRule[];
    readonly importV4?: readonly FilterRule[];
    readonly importV6?: readonly FilterRule[];
  }
>;

export type GlobalNetworkPolicy = V3<
  "GlobalNetworkPolicy",
  {
    readonly egress?: readonly Rule[];
    readonly ingress?: readonly Rule[];
    /** What comes first in its tier. Absent: after all that have one. */
    readonly order?: number;
    readonly selector: string;
    /** Absent: `default`. */
    readonly tier?: string;
    readonly types: readonly ("Ingress" | "Egress")[];
  }
>;

export type GlobalNetworkSet = V3<"GlobalNetworkSet", { readonly nets: readonly string[] }>;

export type Tier = V3<"Tier", { readonly defaultAction: "Pass"; readonly order: number }>;

export type Profile = V3<
  "Profile",
  { readonly egress: readonly Rule[]; readonly ingress: readonly Rule[] }
>;

export type CalicoObject =
  | IPPool
  | BGPConfiguration
  | BGPFilter
  | BGPPeer
  | GlobalNetworkPolicy
  | GlobalNetworkSet
  | Tier
  | Profile;

/** What decides who is let in: one policy, and what it needs. */
export interface PolicyObjects {
  /** By COE name. */
  readonly sets: Readonly<Record<string, GlobalNetworkSet>>;
  /** Absent when the policy is in Calico's own tier. */
  readonly tier?: Tier;
  readonly policy: GlobalNetworkPolicy;
}

/** Everything one cluster's Calico needs to take part. */
export interface CalicoObjects {
  /** Pools of the COE's own containers, by range. */
  readonly pools: Readonly<Record<string, IPPool>>;
  /** Pools from which nothing is assigned, by name. */
  readonly ranges: Readonly<Record<string, IPPool>>;
  readonly admission: PolicyObjects;
  /** Keeps containers away from datastores; absent where there are none. */
  readonly datastore?: GlobalNetworkPolicy;
  readonly profile: Profile;
  /** What the peers refer to, by the last part of its name. */
  readonly filters: Readonly<Record<string, BGPFilter>>;
  /** By name of the far end; by `<reflector>/<node>` where the nodes' sessions differ. */
  readonly peers: Readonly<Record<string, BGPPeer>>;
  readonly configuration: BGPConfiguration;
}
