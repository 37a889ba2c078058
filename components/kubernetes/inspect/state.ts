/** What a cluster is like before it is joined, as far as joining it matters; plain data. */
export interface ClusterState {
  /** Undefined when there is no Calico. */
  readonly calico: CalicoState | undefined;
  /** The range services get their addresses from; undefined when the cluster does not say. */
  readonly serviceCidr: string | undefined;
  /** Addresses of the nodes, by name. */
  readonly nodes: Readonly<Record<string, string>>;
  /** How many NetworkPolicies there are, of Kubernetes' own kind. */
  readonly networkPolicies: number;
}

export interface CalicoState {
  /** As calico-node's image has it: v3.31.0. */
  readonly version: string;
  /** What programs routes between nodes: bird, vxlan or none. */
  readonly backend: string;
  /** Kinds of its objects that the cluster has definitions of. */
  readonly kinds: readonly string[];
  /** Whether projectcalico.org/v3 is served, too. */
  readonly api: boolean;
  /** Whether the Tigera operator installed it, and puts back what it manages. */
  readonly operator: boolean;
  readonly pools: readonly PoolState[];
  readonly blocks: readonly BlockState[];
  readonly bgp: BgpState;
  readonly peers: readonly PeerState[];
}

export interface PoolState {
  readonly name: string;
  readonly cidr: string;
  readonly blockSize: number;
  readonly ipipMode: string;
  readonly vxlanMode: string;
  readonly natOutgoing: boolean;
  readonly disabled: boolean;
  /** Who says it manages the pool, by its label. */
  readonly managedBy: string | undefined;
  /** Field managers, but ourselves, of what joining would change. */
  readonly setBy: readonly string[];
}

/** A block of addresses that a node has taken. */
export interface BlockState {
  readonly cidr: string;
  readonly node: string;
}

/** With Calico's own defaults where the cluster says nothing. */
export interface BgpState {
  readonly asn: number;
  readonly mesh: boolean;
  /** Field managers, but ourselves, of both. */
  readonly setBy: readonly string[];
}

export interface PeerState {
  readonly name: string;
  /** Address, or the selector of nodes. */
  readonly peer: string;
  readonly asn: number | undefined;
}

/** One way in which a cluster differs from the plan. */
export interface Finding {
  /** What it is about: `pool/default-ipv4-ippool`, `bgp/mesh`. */
  readonly id: string;
  /** `blocks`: cannot be joined as it is; `changes`: joining changes it; `notes`: stays, and matters. */
  readonly level: "blocks" | "changes" | "notes";
  /** What was found, and what the plan says. */
  readonly found: string;
  /** What that does to traffic. */
  readonly effect: string;
  /** What to do about it, where there is something. */
  readonly advice?: string;
}

/** Who has set what is to be changed, as the end of a sentence; empty when nobody is known. */
export function setByWhom(setBy: readonly string[]): string {
  return setBy.length === 0 ? "" : `, set by ${setBy.join(", ")}`;
}

/** What to do about somebody who would set it again. */
export function takeOver(setBy: readonly string[]): Pick<Finding, "advice"> {
  if (setBy.length === 0) return {};
  return {
    advice: `these fields are taken over from ${setBy.join(", ")}: leave them out there, or what is applied there next puts them back`,
  };
}
