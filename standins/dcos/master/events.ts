import type { HealthResult } from "../protocol";
import { instanceId } from "./launch";
import { scale } from "./rollout";
import { agentId, showAddresses } from "./show";
import type { Deployment, State, TaskRecord } from "./state";
import { hostPortsOf } from "./task-ports";

/** What happens in a Marathon, with the names of its event bus (Marathon: "Event bus"). */
export interface Happening {
  readonly eventType: string;
  readonly [field: string]: unknown;
}

export interface MarathonEvent extends Happening {
  /** ISO time. */
  readonly timestamp: string;
}

/** The part of the state that events are about. Records are never changed in place, so that a map's copy is one of all. */
export type Snapshot = Pick<State, "apps" | "tasks" | "deployments">;

export function snapshotOf({ apps, tasks, deployments }: Snapshot): Snapshot {
  return { apps: new Map(apps), tasks: new Map(tasks), deployments: new Map(deployments) };
}

/** Tells those who listen what has become of the state since it was looked at last. */
export class EventSource {
  private readonly listeners = new Set<(event: MarathonEvent) => void>();
  private last: Snapshot;

  constructor(
    state: Snapshot,
    private readonly now: () => number,
  ) {
    this.last = snapshotOf(state);
  }

  /** Answers with what ends it. */
  listen(listener: (event: MarathonEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(happening: Happening): void {
    const event = { ...happening, timestamp: new Date(this.now()).toISOString() };
    for (const listener of [...this.listeners]) listener(event);
  }

  observe(state: Snapshot): void {
    const happenings = changes(this.last, state);
    this.last = snapshotOf(state);
    for (const happening of happenings) this.emit(happening);
  }
}

/** Tasks first: a deployment ends because of them. */
export function changes(before: Snapshot, after: Snapshot): readonly Happening[] {
  return [...taskChanges(before, after), ...deploymentChanges(before, after)];
}

function taskChanges(before: Snapshot, after: Snapshot): readonly Happening[] {
  const now = [...after.tasks.values()].flatMap((task) => {
    const old = before.tasks.get(task.spec.id);
    const state = stateOf(task);
    // Mesos says nothing of a task before its agent does.
    const moved = state !== (old === undefined ? "TASK_STAGING" : stateOf(old));
    return [...(moved ? [statusUpdate(task, state, "")] : []), ...healthChanges(old, task)];
  });
  const gone = [...before.tasks.values()]
    .filter((task) => !after.tasks.has(task.spec.id))
    .map((task) => {
      const failure = after.apps.get(task.spec.appId)?.lastFailure;
      return failure?.taskId === task.spec.id
        ? statusUpdate(task, failure.state, failure.message)
        : statusUpdate(task, "TASK_KILLED", "");
    });
  return [...now, ...gone];
}

function stateOf(task: TaskRecord): string {
  return task.dying ? "TASK_KILLING" : task.state;
}

function statusUpdate(task: TaskRecord, taskStatus: string, message: string): Happening {
  const { spec, agent, host } = task;
  return {
    eventType: "status_update_event",
    appId: spec.appId,
    host,
    ipAddresses: showAddresses(task),
    message,
    ports: hostPortsOf(spec),
    slaveId: agentId(agent),
    taskId: spec.id,
    taskStatus,
    version: spec.version,
  };
}

function healthChanges(old: TaskRecord | undefined, task: TaskRecord): readonly Happening[] {
  const { appId, containerId, version } = task.spec;
  const before: readonly (HealthResult | undefined)[] = old?.health ?? [];
  return task.health
    .filter((result, i) => result.alive !== before[i]?.alive)
    .map(({ alive }) => ({
      eventType: "health_status_changed_event",
      alive,
      appId,
      instanceId: instanceId(appId, containerId),
      version,
    }));
}

function deploymentChanges(before: Snapshot, after: Snapshot): readonly Happening[] {
  const gone = [...before.deployments.values()]
    .filter(({ id }) => !after.deployments.has(id))
    .flatMap((deployment) => ended(deployment, after));
  const there = [...after.deployments.values()].flatMap((deployment): readonly Happening[] => {
    const old = before.deployments.get(deployment.id);
    if (old?.currentStep === deployment.currentStep) return [];
    const started = { eventType: "deployment_info", ...progress(deployment) };
    return old === undefined
      ? [started]
      : [{ eventType: "deployment_step_success", ...progress(old) }, started];
  });
  return [...gone, ...there];
}

function ended(deployment: Deployment, after: Snapshot): readonly Happening[] {
  const { id, steps } = deployment;
  const { plan } = progress(deployment);
  if (!isFulfilled(deployment, after)) return [{ eventType: "deployment_failed", id, plan }];
  const stopped = steps.flat().filter(({ action }) => action === "StopApplication");
  return [
    { eventType: "deployment_step_success", ...progress(deployment) },
    ...stopped.map(({ app }) => ({ eventType: "app_terminated_event", appId: app })),
    { eventType: "deployment_success", id, plan },
  ];
}

/** A deployment that is no more has come to its end, or was cancelled, or another has taken its place. */
function isFulfilled({ steps }: Deployment, after: Snapshot): boolean {
  const apps = new Set(steps.flat().map(({ app }) => app));
  const replaced = [...after.deployments.values()].some((one) =>
    one.steps.flat().some(({ app }) => apps.has(app)),
  );
  return !replaced && [...apps].every((app) => isAsAsked(app, after));
}

function isAsAsked(id: string, { apps, tasks }: Snapshot): boolean {
  const own = [...tasks.values()].filter((task) => task.spec.appId === id);
  const app = apps.get(id);
  if (app === undefined) return own.length === 0;
  return (
    scale(app.definition, own).done &&
    own.every((task) => task.spec.version >= app.lastConfigChangeAt)
  );
}

/** Marathon also shows all groups before and after; nobody here needs them. */
function progress({ id, version, steps, currentStep }: Deployment) {
  return {
    plan: { id, version, steps: steps.map((actions) => ({ actions })) },
    currentStep: { actions: steps[currentStep] ?? [] },
  };
}
