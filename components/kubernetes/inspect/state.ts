import type { DatastoreState, NodeState } from "../../speakers/calico/inspect/state";

/** What a cluster is like before it is joined, as far as joining it matters; plain data. */
export interface ClusterState {
  /** Undefined when there is no Calico that keeps its objects in crd.projectcalico.org. */
  readonly calico: CalicoState | undefined;
  /** Whether Calico keeps its objects in projectcalico.org/v3 itself, without an API server of its own. */
  readonly nativeV3: boolean;
  /** The IPv4 range services get their addresses from; undefined when the cluster does not say. */
  readonly serviceCidr: string | undefined;
  /** The same of IPv6; absent where the cluster has none, or does not say. */
  readonly serviceCidr6?: string;
  readonly nodes: readonly NodeState[];
}

export interface CalicoState extends DatastoreState {
  /** As calico-node's image has it: v3.31.0. */
  readonly version: string;
  /** Where its agent runs, and as whom. */
  readonly agent: { readonly namespace: string; readonly account: string };
  readonly backend: BackendState;
  readonly ipam: IpamState;
  /** What keeps it from IPv6, where that is looked at: each as a setting and what is needed in its place. */
  readonly ipv6: Ipv6State;
  /** The dataplane, where it is not iptables: BPF, nftables. */
  readonly dataplane: string | undefined;
  /** Who gives routes of the cluster to the kernel, where the operator says so: BIRD, Felix, FelixIPIPOnly. */
  readonly clusterRouting: string | undefined;
  /** By kind of the plan's objects, the fields of a specification that its definition has; `any` where it takes all. */
  readonly definitions: Readonly<Record<string, readonly string[] | "any">>;
  /** Ranges of the pools that the operator looks after. */
  readonly operatorPools: readonly string[];
  /** Whether projectcalico.org/v3 is served, too. */
  readonly api: boolean;
  /** Whether the Tigera operator installed it, and puts back what it manages. */
  readonly operator: boolean;
}

/** What programs routes between nodes. */
export interface BackendState {
  /** bird, vxlan, none; `unknown` where it was not found. */
  readonly name: string;
  /** Where that is said, or why it is not known. */
  readonly from: string;
  /** Where something else says otherwise. */
  readonly against?: string;
}

/** What Calico's agents are told of IPv6; undefined is what nothing says. */
export interface Ipv6State {
  /** The variable IP6 of calico-node: an address, `autodetect` or `none`. */
  readonly address: string | undefined;
  /** Whether Felix programs IPv6. */
  readonly felix: boolean | undefined;
  /** Whether the CNI configuration has calico-ipam give pods IPv6 addresses. */
  readonly assigns: boolean | undefined;
}

/** What gives pods their addresses. */
export interface IpamState {
  /** calico-ipam, host-local; `unknown` where it was not found. */
  readonly name: string;
  /** Whether nodes announce the ranges that Kubernetes has given them. */
  readonly podCidrs: boolean;
}
