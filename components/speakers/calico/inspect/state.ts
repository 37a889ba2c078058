import type { RankedPolicy } from "../precedence";

/** What Calico's datastore holds before a cluster is joined, as far as joining it matters; plain data, sorted by name. */
export interface DatastoreState {
  readonly pools: readonly PoolState[];
  readonly blocks: readonly BlockState[];
  readonly bgp: BgpState;
  readonly peers: readonly PeerState[];
  /** Policies of every kind, but for those of the plan. */
  readonly policies: readonly PolicyState[];
  readonly tiers: readonly TierState[];
  readonly hostEndpoints: HostEndpointsState;
  /** Objects of the names that the plan gives its own, whoever made them: `Tier/seamless`. */
  readonly taken: readonly TakenState[];
  readonly nodes: readonly NodeState[];
}

/** An object's fields as they are stored. */
export type Fields = Readonly<Record<string, unknown>>;

export interface PoolState {
  readonly name: string;
  /** The range as Calico reads it, that is without host bits. */
  readonly cidr: string;
  /** The range as it is stored; absent where it has no host bits. */
  readonly written?: string;
  readonly blockSize: number;
  readonly ipipMode: string;
  readonly vxlanMode: string;
  readonly natOutgoing: boolean;
  readonly disabled: boolean;
  readonly disableBGPExport: boolean;
  readonly nodeSelector: string;
  /** Automatic, or Manual: only for those who ask for it. */
  readonly assignmentMode: string;
  /** Workload, Tunnel, LoadBalancer. */
  readonly allowedUses: readonly string[];
  /** Fields beyond these, such as those of a newer Calico. */
  readonly others: Fields;
  /** Who says it manages the pool, by its label. */
  readonly managedBy: string | undefined;
  /** Field managers, but ourselves, of what joining would change. */
  readonly setBy: readonly string[];
  /** Whether a stack of ours has made or adopted it; undefined where nobody keeps that. */
  readonly ours: boolean | undefined;
}

/** A block of addresses that a node has taken. */
export interface BlockState {
  readonly cidr: string;
  /** How many of its addresses are in use; absent where the datastore was not asked for it. */
  readonly used?: number;
  /** Absent where the datastore was not asked for it. */
  readonly node?: string;
}

/** The BGPConfiguration `default`, with Calico's own defaults where the cluster says nothing. */
export interface BgpState {
  readonly asn: number;
  readonly mesh: boolean;
  /** Field managers, but ourselves, of what joining would change. */
  readonly setBy: readonly string[];
  /** Ranges of services that are announced already. */
  readonly services: ServiceRangesState;
  /** All other fields. */
  readonly others: Fields;
  /** What BGPConfigurations of single nodes say, by node. */
  readonly byNode: Readonly<Record<string, Fields>>;
}

/** By the names that a plan has for them. */
export interface ServiceRangesState {
  readonly clusterIPs: readonly string[];
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
}

/** Calico's defaults ("BGP configuration"). */
export const bgpDefaults = { asn: 64512, mesh: true } as const;

export interface PeerState {
  readonly name: string;
  /** Address without its port, or the selector of nodes. */
  readonly peer: string;
  readonly asn: number | undefined;
  /** All other fields: `node`, `nodeSelector`, `password`, `filters`. */
  readonly others: Fields;
  /** Whether a stack of ours has made it; undefined where nobody keeps that. */
  readonly ours: boolean | undefined;
}

export interface PolicyState extends RankedPolicy {
  /** With its group where several have it: `NetworkPolicy (networking.k8s.io)`. */
  readonly kind: string;
  /** Whether it is only tried out, and drops nothing. */
  readonly staged: boolean;
}

export interface TierState {
  readonly name: string;
  readonly order: number | undefined;
}

export interface HostEndpointsState {
  readonly names: readonly string[];
  /** Whether Calico makes one for each node by itself. */
  readonly automatic: boolean;
}

export interface TakenState {
  readonly kind: string;
  readonly name: string;
  readonly spec: Fields;
  readonly ours: boolean | undefined;
}

/** A node of the cluster; undefined is what the cluster does not tell of it. */
export interface NodeState {
  readonly name: string;
  /** IPv4, of its BGP speaker; empty where it has none. */
  readonly address: string;
  /** Its IPv6 address; absent where it has none, or where the datastore was not asked for it. */
  readonly address6?: string;
  /** The network of its IPv4 address, by the mask that Calico has found. */
  readonly network: string | undefined;
  /** The same of its IPv6 address; absent where it is not known. */
  readonly network6?: string;
  /** What the node itself says of its AS: a number, or a text that Calico does not take. */
  readonly asn: number | string | undefined;
  /** linux, windows. */
  readonly os: string;
  /** Whether it is no machine, but stands for a provider of containers. */
  readonly virtual: boolean;
  readonly ready: boolean | undefined;
  /** Whether Calico's agent is there, and well. */
  readonly agent: "ready" | "not ready" | "none" | undefined;
  /** Ranges that Kubernetes has given it. */
  readonly podCidrs: readonly string[];
}

/** Who has set what is to be changed, as the end of a sentence; empty when nobody is known. */
export function setByWhom(setBy: readonly string[]): string {
  return setBy.length === 0 ? "" : `, set by ${setBy.join(", ")}`;
}
