import type { DatastoreState } from "../../inspect/state";

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

export interface CalicoState extends DatastoreState {
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
}
