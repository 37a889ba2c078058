import { isRecord } from "../../util/json";
import { isPortRange, type PortRange, type Resources } from "./config";

/**
 * What an agent and the master tell each other: the agent reports what it is and how its tasks are
 * (`POST /agents/<name>` at the master's Mesos address), the answer is every task it is to run. A task that the
 * answer does not name any more is to be killed; one that has ended and is not named is forgotten.
 */
export interface AgentReport {
  readonly name: string;
  /** Address of the agent, its hostname for constraints. */
  readonly address: string;
  readonly role: "private" | "public";
  readonly resources: Resources;
  /** Host ports that tasks are given where they name none; missing for all that Mesos lends out. */
  readonly ports?: PortRange;
  readonly tasks: readonly TaskReport[];
}

export interface AgentOrders {
  readonly tasks: readonly TaskSpec[];
}

/** States of Mesos tasks, as far as they occur here (Mesos: `TaskState`). */
export const taskStates = [
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_LOST",
] as const;

export type TaskState = (typeof taskStates)[number];

/** Whether a task in this state has ended for good. */
export function isTerminal(state: TaskState): boolean {
  return (
    state === "TASK_FINISHED" ||
    state === "TASK_FAILED" ||
    state === "TASK_KILLED" ||
    state === "TASK_LOST"
  );
}

/** How a task is. */
export interface TaskReport {
  readonly id: string;
  readonly state: TaskState;
  /** Why it is in this state, for people. */
  readonly message?: string;
  /** The container's own address, or the agent's with host networking; once it is known. */
  readonly ipAddress?: string;
  /** ISO time at which the process was started. */
  readonly startedAt?: string;
  /** One result for each health check that has been made at least once. */
  readonly health: readonly HealthResult[];
}

/** The outcome of one health check, with Marathon's field names. Times are ISO texts. */
export interface HealthResult {
  readonly alive: boolean;
  readonly consecutiveFailures: number;
  readonly firstSuccess?: string;
  readonly lastSuccess?: string;
  readonly lastFailure?: string;
  readonly lastFailureCause?: string;
}

/** Everything an agent has to know to run a task. */
export interface TaskSpec {
  readonly id: string;
  /** Names the network namespace and the CNI container. */
  readonly containerId: string;
  readonly appId: string;
  /** Version of the app the task was started from. */
  readonly version: string;
  /**
   * Run by `/bin/sh -c` when there is one text, as an argument vector when there is a list. With an image a list
   * is appended to what the image runs.
   */
  readonly command: string | readonly string[];
  /** The name of a container image, of which the agent knows the program; absent where there is none. */
  readonly image?: string;
  /** Addresses of what is to lie in the sandbox; absent where that is nothing. */
  readonly fetch?: readonly string[];
  /** A user of the agent's system; absent for the agent's own. */
  readonly user?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly network: TaskNetwork;
  /** What the program listens on, by index: ports of the container, or of the agent with host networking. */
  readonly ports: readonly number[];
  /** Ports of the agent that the task holds; absent where it holds none. */
  readonly hostPorts?: readonly number[];
  /** Ports of the agent that lead to ports of the container. */
  readonly mappedPorts?: readonly MappedPort[];
  readonly healthChecks: readonly HealthCheck[];
  /** Seconds between SIGTERM and SIGKILL. */
  readonly killGraceSeconds: number;
}

export interface MappedPort {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

export type TaskNetwork =
  | { readonly mode: "host" }
  | {
      readonly mode: "container";
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
    };

export const healthProtocols = [
  "HTTP",
  "HTTPS",
  "TCP",
  "COMMAND",
  "MESOS_HTTP",
  "MESOS_HTTPS",
  "MESOS_TCP",
] as const;

/** A health check of Marathon with its defaults filled in. */
export interface HealthCheck {
  readonly protocol: (typeof healthProtocols)[number];
  /** Default `/`. */
  readonly path?: string;
  readonly port?: number;
  /** Default 0, unless there is a `port`. */
  readonly portIndex?: number;
  readonly command?: string;
  readonly gracePeriodSeconds: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly maxConsecutiveFailures: number;
}

/**
 * What a framework's scheduler and the master tell each other (`POST /frameworks/<name>` at the master's Mesos
 * address), in place of Mesos' scheduler API: the scheduler says who it is and every task it wants to run and where,
 * the answer is how things stand on each agent as far as this framework may know. Asked again and again, it is also
 * the heartbeat: a framework that is silent keeps its tasks for its failover timeout.
 */
export interface FrameworkCall {
  readonly name: string;
  /** Given out by an earlier answer; without one the framework registers anew. */
  readonly id?: string;
  readonly hostname: string;
  /** Port of the scheduler, as in the `pid` that Mesos shows. */
  readonly port: number;
  readonly webuiUrl?: string;
  readonly role: string;
  readonly principal?: string;
  /** Seconds without a call until the framework and its tasks are ended. */
  readonly failoverTimeoutSeconds: number;
  /** Every task that is to run; one that is not named any more is killed. */
  readonly tasks: readonly TaskOrder[];
}

/** A task that a framework wants on an agent. */
export interface TaskOrder {
  /** Name of the agent. */
  readonly agent: string;
  /** Mesos' name of the task, from which its names in the DNS are made. */
  readonly name: string;
  readonly resources: Resources;
  readonly labels: Readonly<Record<string, string>>;
  /** Named or numbered ports for others to find, Mesos' `DiscoveryInfo`. */
  readonly discovery: readonly DiscoveryPort[];
  readonly spec: TaskSpec;
}

export interface DiscoveryPort {
  readonly number: number;
  readonly protocol: string;
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface FrameworkAnswer {
  readonly id: string;
  /** All agents that are not lost. */
  readonly agents: readonly AgentView[];
}

/** An agent as one framework sees it. */
export interface AgentView {
  readonly name: string;
  readonly address: string;
  readonly role: "private" | "public";
  /** What is left after the tasks of other frameworks. */
  readonly resources: Resources;
  /** Host ports that the framework may not take: tasks of others hold them, or the agent does not lend them out. */
  readonly usedPorts: readonly number[];
  /** Whether new tasks may be sent to it: it has reported lately. */
  readonly offered: boolean;
  /** The framework's own tasks there, as the agent said last. */
  readonly tasks: readonly TaskReport[];
}

/** Reads a report that came over the network; undefined when it is not one. */
export function readReport(value: unknown): AgentReport | undefined {
  if (!isRecord(value)) return undefined;
  const { name, address, role, resources, ports, tasks } = value;
  if (typeof name !== "string" || typeof address !== "string") return undefined;
  if (role !== "private" && role !== "public") return undefined;
  if (!isRecord(resources) || !Array.isArray(tasks)) return undefined;
  const { cpus, mem } = resources;
  if (typeof cpus !== "number" || typeof mem !== "number") return undefined;
  const reports = tasks.map(readTaskReport);
  if (!reports.every((report): report is TaskReport => report !== undefined)) return undefined;
  return {
    name,
    address,
    role,
    resources: { cpus, mem },
    ...(isPortRange(ports) ? { ports } : {}),
    tasks: reports,
  };
}

function readTaskReport(value: unknown): TaskReport | undefined {
  if (!isRecord(value) || typeof value.id !== "string") return undefined;
  const state = taskStates.find((known) => known === value.state);
  if (state === undefined || !Array.isArray(value.health)) return undefined;
  const { message, ipAddress, startedAt } = value;
  return {
    id: value.id,
    state,
    ...(typeof message === "string" ? { message } : {}),
    ...(typeof ipAddress === "string" ? { ipAddress } : {}),
    ...(typeof startedAt === "string" ? { startedAt } : {}),
    health: value.health.filter(isHealthResult),
  };
}

function isHealthResult(value: unknown): value is HealthResult {
  return (
    isRecord(value) &&
    typeof value.alive === "boolean" &&
    typeof value.consecutiveFailures === "number"
  );
}

/** Whether an answer of the master is what it should be; tasks are then as this program wrote them. */
export function isOrders(value: unknown): value is AgentOrders {
  return (
    isRecord(value) &&
    Array.isArray(value.tasks) &&
    value.tasks.every((task) => isRecord(task) && typeof task.id === "string")
  );
}

/** Reads a call of a framework that came over the network; its tasks are then as a program of this project wrote them. */
export function isFrameworkCall(value: unknown): value is FrameworkCall {
  return (
    isRecord(value) &&
    typeof value.name === "string" &&
    (value.id === undefined || typeof value.id === "string") &&
    typeof value.hostname === "string" &&
    typeof value.port === "number" &&
    typeof value.role === "string" &&
    typeof value.failoverTimeoutSeconds === "number" &&
    Array.isArray(value.tasks) &&
    value.tasks.every(isTaskOrder)
  );
}

function isTaskOrder(value: unknown): value is TaskOrder {
  return (
    isRecord(value) &&
    typeof value.agent === "string" &&
    typeof value.name === "string" &&
    isRecord(value.resources) &&
    isRecord(value.spec) &&
    typeof value.spec.id === "string"
  );
}

/** Whether an answer of the master to a framework is what it should be. */
export function isFrameworkAnswer(value: unknown): value is FrameworkAnswer {
  return isRecord(value) && typeof value.id === "string" && Array.isArray(value.agents);
}
