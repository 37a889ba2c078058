import { isRecord } from "../../util/json";

/** A group's network. Without one, or with mode `host`, its tasks are in the network of the node. */
export interface NetworkSpec {
  /** In lower case, as a client compares it. */
  readonly mode: string;
  readonly args: Readonly<Record<string, string>>;
  readonly ports: readonly PortSpec[];
}

export interface PortSpec {
  readonly label: string;
  /** Absent: the server chooses. */
  readonly value?: number;
  readonly to: number;
}

export interface ServiceSpec {
  readonly name: string;
  readonly provider: string;
  readonly portLabel: string;
  readonly addressMode: string;
  readonly address: string;
  readonly tags: readonly string[];
}

export interface TaskSpec {
  readonly name: string;
  readonly driver: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ConstraintSpec {
  readonly left: string;
  readonly operand: string;
  readonly right: string;
}

export interface GroupSpec {
  readonly name: string;
  readonly count: number;
  readonly network?: NetworkSpec;
  readonly services: readonly ServiceSpec[];
  readonly tasks: readonly TaskSpec[];
  readonly constraints: readonly ConstraintSpec[];
}

/** A port that an allocation has been given. */
export interface AllocatedPort {
  readonly Label: string;
  readonly Value: number;
  readonly To: number;
  readonly HostIP: string;
}

/** What a client is to run. */
export interface AllocOrder {
  readonly id: string;
  readonly name: string;
  readonly jobId: string;
  readonly group: GroupSpec;
  readonly ports: readonly AllocatedPort[];
  /** Whether it is to end. */
  readonly stop: boolean;
}

export interface NetworkStatus {
  readonly InterfaceName: string;
  readonly Address: string;
  readonly AddressIPv6?: string;
  readonly DNS?: unknown;
}

export interface TaskEvent {
  readonly Type: string;
  /** Nanoseconds. */
  readonly Time: number;
  readonly DisplayMessage: string;
}

export interface TaskState {
  readonly State: "pending" | "running" | "dead";
  readonly Failed: boolean;
  readonly Restarts: number;
  readonly Events: readonly TaskEvent[];
}

export type ClientStatus = "pending" | "running" | "complete" | "failed" | "lost";

/** What a client says of one allocation. */
export interface AllocReport {
  readonly id: string;
  readonly status: ClientStatus;
  readonly description: string;
  readonly tasks: Readonly<Record<string, TaskState>>;
  readonly network?: NetworkStatus;
  readonly services: readonly ServiceInstance[];
}

/** A service as a client registers it. */
export interface ServiceInstance {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
}

/** What a client says of its node. */
export interface NodeReport {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly datacenter: string;
  readonly version: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Names of its CNI networks. */
  readonly networks: readonly string[];
  readonly drivers: readonly string[];
}

export interface ClientReport {
  readonly node: NodeReport;
  readonly allocs: readonly AllocReport[];
}

/** Both ends are this folder's, so a foreign text is told by its outermost fields. */
export function isClientReport(value: unknown): value is ClientReport {
  return isRecord(value) && isRecord(value.node) && Array.isArray(value.allocs);
}

export function isOrders(value: unknown): value is { readonly allocs: readonly AllocOrder[] } {
  return isRecord(value) && Array.isArray(value.allocs);
}

/** Whether an allocation is over. */
export function isTerminal(status: ClientStatus): boolean {
  return status === "complete" || status === "failed" || status === "lost";
}
