import type { FrrClusterState } from "../../speakers/frr-k8s/inspect/state";
import type { FrrSelector } from "../../speakers/frr-k8s/types";

/** What was read of an OpenShift cluster; plain data. */
export interface OpenshiftState {
  /** `4.19.3`; empty where the cluster does not say. */
  readonly version: string;
  /** `BareMetal`, `AWS`, …; empty where the cluster does not say. */
  readonly platform: string;
  /** `OVNKubernetes`, …; empty where the cluster does not say. */
  readonly networkType: string;
  /** Ranges of pods. */
  readonly clusterNetworks: readonly string[];
  /** Whether the operator is told to have FRR and route advertisements. */
  readonly enabled: boolean;
  /**
   * What OVN-Kubernetes has nodes accept beside what templates say: in no-overlay mode the subnets of the cluster's own nodes, which
   * have no tunnel to each other then. Absent: nothing.
   */
  readonly receives?: readonly FrrSelector[];
  /** Nodes with the ranges that OVN-Kubernetes has given them, and what there is of FRR-K8s. */
  readonly frr: FrrClusterState;
  /** The plan's RouteAdvertisements; undefined where there is none. */
  readonly advertisements: AdvertisementsState | undefined;
}

export interface AdvertisementsState {
  /** Whether a stack of ours has made it. */
  readonly ours: boolean;
  readonly spec: Readonly<Record<string, unknown>>;
  /** `Accepted`, or why not; empty while nothing is known. */
  readonly status: string;
}
