import { isRecord } from "../config";
import type { AgentReport, HealthResult, TaskSpec, TaskState } from "../protocol";
import type { AppDefinition } from "./app";

/** Everything the master keeps over a restart. Times are ISO texts, which compare as texts. */
export interface State {
  /** By app id. */
  readonly apps: Map<string, AppRecord>;
  /** By task id. */
  readonly tasks: Map<string, TaskRecord>;
  /** By deployment id, oldest first. */
  readonly deployments: Map<string, Deployment>;
  /** By agent name. */
  readonly agents: Map<string, AgentRecord>;
  /** The version given out last; versions only ever grow. */
  lastVersion: string;
}

export interface AppRecord {
  readonly definition: AppDefinition;
  readonly version: string;
  readonly lastScalingAt: string;
  /** Tasks of an older version than this are to be replaced. */
  readonly lastConfigChangeAt: string;
  readonly lastFailure?: TaskFailure;
}

/** Marathon's `lastTaskFailure`. */
export interface TaskFailure {
  readonly appId: string;
  readonly host: string;
  readonly message: string;
  readonly state: TaskState;
  readonly taskId: string;
  readonly timestamp: string;
  readonly version: string;
}

export interface TaskRecord {
  readonly spec: TaskSpec;
  readonly agent: string;
  /** Address of the agent. */
  readonly host: string;
  readonly state: TaskState;
  readonly stagedAt: string;
  readonly startedAt?: string;
  readonly ipAddress?: string;
  readonly health: readonly HealthResult[];
  /** No longer wanted; it stays until its agent says that it has ended. */
  readonly dying: boolean;
}

export type ActionName =
  | "StartApplication"
  | "ScaleApplication"
  | "RestartApplication"
  | "StopApplication";

export interface Action {
  readonly action: ActionName;
  readonly app: string;
}

export interface Deployment {
  readonly id: string;
  readonly version: string;
  readonly steps: readonly (readonly Action[])[];
  /** Index of the step that is running. */
  readonly currentStep: number;
  /** What the apps were before, for a rollback: by app id, null for an app that was not there. */
  readonly before: Readonly<Record<string, AppDefinition | null>>;
}

export interface AgentRecord extends Omit<AgentReport, "tasks"> {
  /** Milliseconds since the epoch. */
  readonly lastSeen: number;
  /** Known from before a restart of the master and not heard of since. */
  readonly recovered: boolean;
}

export function emptyState(): State {
  return {
    apps: new Map(),
    tasks: new Map(),
    deployments: new Map(),
    agents: new Map(),
    lastVersion: "",
  };
}

const format = 1;

/** The state as JSON. */
export function dumpState(state: State): unknown {
  return {
    format,
    apps: [...state.apps],
    tasks: [...state.tasks],
    deployments: [...state.deployments],
    // When an agent was seen changes all the time and is worth nothing after a restart.
    agents: [...state.agents].map(([name, agent]) => [
      name,
      { ...agent, lastSeen: 0, recovered: true },
    ]),
    lastVersion: state.lastVersion,
  };
}

/**
 * The state from JSON that {@link dumpState} made. Agents count as seen just now, so that a restart of the
 * master is not taken for the loss of all of them.
 */
export function loadState(value: unknown, now: number): State {
  if (value === undefined) return emptyState();
  if (!isDump(value)) throw new Error("the state is of another version of this program; remove it");
  return {
    apps: new Map(value.apps),
    tasks: new Map(value.tasks),
    deployments: new Map(value.deployments),
    agents: new Map(
      value.agents.map(([name, agent]) => [name, { ...agent, lastSeen: now, recovered: true }]),
    ),
    lastVersion: value.lastVersion,
  };
}

interface Dump {
  readonly apps: [string, AppRecord][];
  readonly tasks: [string, TaskRecord][];
  readonly deployments: [string, Deployment][];
  readonly agents: [string, AgentRecord][];
  readonly lastVersion: string;
}

/** The file is written by this program alone, so its format number is proof enough. */
function isDump(value: unknown): value is Dump {
  return isRecord(value) && value.format === format && Array.isArray(value.agents);
}
