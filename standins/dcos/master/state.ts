import { isRecord } from "../../../util/json";
import type { Resources } from "../config";
import type { HealthResult, TaskSpec, TaskState } from "../protocol";
import type { AppDefinition } from "./app";

/** Everything a Marathon keeps over a restart. Times are ISO texts, which compare as texts. */
export interface State {
  /** By app id. */
  readonly apps: Map<string, AppRecord>;
  /** By task id. */
  readonly tasks: Map<string, TaskRecord>;
  /** By deployment id, oldest first. */
  readonly deployments: Map<string, Deployment>;
  /** Given by the Mesos master when this Marathon registered first. */
  frameworkId: string | undefined;
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
  readonly resources: Resources;
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

export function emptyState(): State {
  return {
    apps: new Map(),
    tasks: new Map(),
    deployments: new Map(),
    frameworkId: undefined,
    lastVersion: "",
  };
}

const format = 2;

/** The state as JSON. */
export function dumpState(state: State): unknown {
  return {
    format,
    apps: [...state.apps],
    tasks: [...state.tasks],
    deployments: [...state.deployments],
    ...(state.frameworkId === undefined ? {} : { frameworkId: state.frameworkId }),
    lastVersion: state.lastVersion,
  };
}

/** The state from JSON that {@link dumpState} made. */
export function loadState(value: unknown): State {
  if (value === undefined) return emptyState();
  if (!isDump(value)) throw new Error("the state is of another version of this program; remove it");
  return {
    apps: new Map(value.apps),
    tasks: new Map(value.tasks),
    deployments: new Map(value.deployments),
    frameworkId: value.frameworkId,
    lastVersion: value.lastVersion,
  };
}

interface Dump {
  readonly apps: [string, AppRecord][];
  readonly tasks: [string, TaskRecord][];
  readonly deployments: [string, Deployment][];
  readonly frameworkId?: string;
  readonly lastVersion: string;
}

/** The file is written by this program alone, so its format number is proof enough. */
function isDump(value: unknown): value is Dump {
  return isRecord(value) && value.format === format && Array.isArray(value.apps);
}
