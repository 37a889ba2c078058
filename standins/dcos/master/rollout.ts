import { isTerminal } from "../protocol";
import type { AppDefinition } from "./app";
import type { AppRecord, TaskRecord } from "./state";

/** What has to be done next for the tasks of one app. */
export interface Move {
  /** How many tasks to start. */
  readonly launch: number;
  /** Ids of the tasks to kill. */
  readonly kill: readonly string[];
  /** Nothing is left to do or to wait for. */
  readonly done: boolean;
}

/** Whether a task runs and all its health checks have passed. */
export function isReady(task: TaskRecord): boolean {
  return (
    task.state === "TASK_RUNNING" &&
    task.spec.healthChecks.every((_, i) => task.health[i]?.alive === true)
  );
}

function living(tasks: readonly TaskRecord[]): readonly TaskRecord[] {
  return tasks.filter((task) => !task.dying && !isTerminal(task.state));
}

/** Those that were started last go first, and those that are not ready before those that are. */
function victims(tasks: readonly TaskRecord[], count: number): readonly string[] {
  return [...tasks]
    .sort(
      (a, b) =>
        Number(isReady(a)) - Number(isReady(b)) ||
        (a.stagedAt < b.stagedAt ? 1 : a.stagedAt > b.stagedAt ? -1 : 0),
    )
    .slice(0, Math.max(0, count))
    .map((task) => task.spec.id);
}

/** Brings the number of tasks to what the app asks for, whatever version they are of. */
export function scale(app: AppDefinition, tasks: readonly TaskRecord[]): Move {
  const alive = living(tasks);
  return {
    launch: Math.max(0, app.instances - alive.length),
    kill: victims(alive, alive.length - app.instances),
    done: tasks.length === alive.length && alive.length === app.instances && alive.every(isReady),
  };
}

/** Ends all tasks. */
export function stop(tasks: readonly TaskRecord[]): Move {
  return {
    launch: 0,
    kill: living(tasks).map((task) => task.spec.id),
    done: tasks.length === 0,
  };
}

/**
 * Replaces tasks of older versions, within the bounds of the upgrade strategy (Marathon: "Upgrade strategy"):
 * never fewer ready ones than `minimumHealthCapacity`, never more in all than `maximumOverCapacity` allows. With
 * bounds that leave no room one task more is allowed, as Marathon does. A constraint such as `hostname UNIQUE`
 * still counts the old tasks, so that with every agent taken a strategy that needs all of them never ends.
 */
export function restart(record: AppRecord, tasks: readonly TaskRecord[]): Move {
  const { instances, upgradeStrategy } = record.definition;
  const alive = living(tasks);
  const current = alive.filter((task) => task.spec.version >= record.lastConfigChangeAt);
  const old = alive.filter((task) => task.spec.version < record.lastConfigChangeAt);
  const least = Math.ceil(instances * upgradeStrategy.minimumHealthCapacity);
  const most = Math.floor(instances * (1 + upgradeStrategy.maximumOverCapacity));
  const room = least >= most ? most + 1 : most;
  const ready = current.filter(isReady).length;
  const surplus = victims(current, current.length - instances);
  const outdated = victims(old, Math.min(old.length, old.length + ready - least));
  return {
    launch: Math.max(0, Math.min(instances - current.length, room - tasks.length)),
    kill: [...surplus, ...outdated],
    done: tasks.length === current.length && ready === instances && current.length === instances,
  };
}
