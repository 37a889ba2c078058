/** What was read of a cluster whose nodes are to speak BGP by FRR-K8s; plain data. */
export interface FrrClusterState {
  readonly nodes: readonly NodeState[];
  /** Fields of a neighbour that the cluster's definition of FRRConfiguration has; undefined where there is no definition. */
  readonly fields: readonly string[] | undefined;
  /** The DaemonSets of FRR-K8s. */
  readonly agents: readonly AgentState[];
  /** What gives pods their network, as far as it is known by its DaemonSet. */
  readonly networks: readonly NetworkState[];
  readonly configurations: readonly ConfigurationState[];
  /** By name of the node: what FRR-K8s says of the last configuration that it has made of the objects. */
  readonly results: Readonly<Record<string, ResultState>>;
}

export interface NodeState {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** The ranges that Kubernetes gives its pods. */
  readonly podCidrs: readonly string[];
}

export interface AgentState {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly wanted: number;
  readonly ready: number;
}

export interface NetworkState {
  /** One of {@link networkKinds}. */
  readonly kind: string;
  /** `namespace/name` of its DaemonSet. */
  readonly object: string;
  /** How flannel carries packets; absent for others, and where it is not known. */
  readonly backend?: string;
  /** Whether flannel hides pods behind their nodes. Absent for others. */
  readonly masquerades?: boolean;
}

export interface ConfigurationState {
  readonly namespace: string;
  readonly name: string;
  /** Whether a stack of ours has made it. */
  readonly ours: boolean;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface ResultState {
  /** `success`, or what is wrong; empty while nothing is known. */
  readonly conversion: string;
  readonly reload: string;
}
