import type { ClientFiles } from "../client-files";

/** What is seen of a cluster; plain data. */
export interface NomadState {
  readonly version: string;
  readonly region: string;
  /** Clients of the cluster that are no nodes of the plan, with their addresses. */
  readonly others: readonly string[];
  /** By name, every client of the plan. */
  readonly clients: Readonly<Record<string, ClientState>>;
}

/** A client by the word of the cluster, and its CNI files. */
export interface ClientState {
  /** Absent: the cluster has no such client. */
  readonly node?: ClusterNode;
  readonly files: ClientFiles | { readonly unreachable: string };
}

export interface ClusterNode {
  readonly name: string;
  readonly status: string;
  readonly version: string;
  /** By name, the version of each CNI plugin that the client has found. */
  readonly plugins: Readonly<Record<string, string>>;
  /** The networks that it offers, such as `cni/seamless`. */
  readonly modes: readonly string[];
}
