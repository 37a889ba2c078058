import { isRecord } from "../../../util/json";
import type { AgentReport, FrameworkCall, TaskOrder, TaskReport } from "../protocol";

/** Everything of the Mesos master that is kept over a restart. */
export interface MesosState {
  /** By name. */
  readonly agents: Map<string, AgentRecord>;
  /** By framework id, oldest first. */
  readonly frameworks: Map<string, FrameworkRecord>;
  /** By task id, of all frameworks. */
  readonly tasks: Map<string, MesosTask>;
  /** Ids of frameworks that were ended; none of them may come back. */
  readonly removed: Set<string>;
}

export interface AgentRecord extends Omit<AgentReport, "tasks"> {
  /** Milliseconds since the epoch. */
  readonly lastSeen: number;
  /** Known from before a restart of the master and not heard of since. */
  readonly recovered: boolean;
}

export interface FrameworkRecord extends Omit<FrameworkCall, "tasks"> {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly registeredAt: number;
  /** Milliseconds since the epoch. */
  readonly lastSeen: number;
}

export interface MesosTask {
  /** Id of the framework. */
  readonly framework: string;
  readonly order: TaskOrder;
  /** What the agent said of it last; nothing so far. */
  readonly report?: TaskReport;
  /** Its framework still asks for it. */
  readonly wanted: boolean;
  /** Its agent has been told to run it. */
  readonly handed: boolean;
}

export function emptyMesos(): MesosState {
  return { agents: new Map(), frameworks: new Map(), tasks: new Map(), removed: new Set() };
}

const format = 1;

/** The state as JSON, without what changes all the time and is worth nothing after a restart. */
export function dumpMesos(state: MesosState): unknown {
  return {
    format,
    agents: [...state.agents.values()].map((agent) => ({
      ...agent,
      lastSeen: 0,
      recovered: true,
    })),
    frameworks: [...state.frameworks.values()].map((one) => ({ ...one, lastSeen: 0 })),
    tasks: [...state.tasks.values()],
    removed: [...state.removed],
  };
}

/**
 * The state from JSON that {@link dumpMesos} made. Agents and frameworks count as heard of just now, so that a restart
 * of the master is not taken for the loss of all of them.
 */
export function loadMesos(value: unknown, now: number): MesosState {
  if (value === undefined) return emptyMesos();
  if (!isDump(value)) throw new Error("the state is of another version of this program; remove it");
  return {
    agents: new Map(value.agents.map((one) => [one.name, { ...one, lastSeen: now }])),
    frameworks: new Map(value.frameworks.map((one) => [one.id, { ...one, lastSeen: now }])),
    tasks: new Map(value.tasks.map((one) => [one.order.spec.id, one])),
    removed: new Set(value.removed),
  };
}

interface Dump {
  readonly agents: AgentRecord[];
  readonly frameworks: FrameworkRecord[];
  readonly tasks: MesosTask[];
  readonly removed: string[];
}

/** The file is written by this program alone, so its format number is proof enough. */
function isDump(value: unknown): value is Dump {
  return isRecord(value) && value.format === format && Array.isArray(value.frameworks);
}
