import type { AppDefinition } from "./app";
import { instanceId } from "./launch";
import type { Marathon, QueueItem } from "./marathon";
import { shownDefaults } from "./parse-app";
import { summary } from "./placement";
import { isReady } from "./rollout";
import { servicePortsOf } from "./service-ports";
import type { AppRecord, Deployment, TaskRecord } from "./state";
import { hostPortsOf } from "./task-ports";

/** How things look in the answers of Marathon's API (Marathon 1.11: RAML definitions). */

export function showTask(marathon: Marathon, task: TaskRecord): unknown {
  const { spec } = task;
  const app = marathon.state.apps.get(spec.appId)?.definition;
  const id = instanceId(spec.appId, spec.containerId);
  return {
    appId: spec.appId,
    healthCheckResults: task.health.map((result) => ({ ...result, instanceId: id })),
    host: task.host,
    id: spec.id,
    ipAddresses: showAddresses(task),
    localVolumes: [],
    ports: hostPortsOf(spec),
    role: marathon.role,
    servicePorts: app === undefined ? [] : servicePortsOf(app),
    slaveId: agentId(task.agent),
    stagedAt: task.stagedAt,
    ...(task.startedAt === undefined ? {} : { startedAt: task.startedAt }),
    state: task.dying ? "TASK_KILLING" : task.state,
    version: spec.version,
  };
}

/** The container's own address, or the agent's. */
export function showAddresses({ ipAddress }: TaskRecord): readonly unknown[] {
  if (ipAddress === undefined) return [];
  return [{ ipAddress, protocol: ipAddress.includes(":") ? "IPv6" : "IPv4" }];
}

/** Mesos gives agents ids; a name is as good as any other. */
export function agentId(name: string): string {
  return `${name}-S0`;
}

function counts(tasks: readonly TaskRecord[]) {
  const running = tasks.filter((task) => task.state === "TASK_RUNNING");
  const checked = running.filter((task) => task.spec.healthChecks.length > 0);
  return {
    tasksStaged: tasks.length - running.length,
    tasksRunning: running.length,
    tasksHealthy: checked.filter(isReady).length,
    tasksUnhealthy: checked.filter((task) => task.health.some((one) => !one.alive)).length,
  };
}

/**
 * A definition as Marathon shows it: what is empty is left out where its description says so (RAML,
 * `pragma.omitEmpty`).
 */
export function showDefinition(
  app: AppDefinition,
  role: string,
): Readonly<Record<string, unknown>> {
  const { args, constraints, env, healthChecks, networks, portDefinitions, ...rest } = app;
  return {
    ...shownDefaults,
    role,
    ...rest,
    ...filled("args", args ?? []),
    ...filled("constraints", constraints),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...filled("healthChecks", healthChecks),
    networks: networks.map((network) => ("labels" in network ? withoutLabels(network) : network)),
    ...(portDefinitions === undefined
      ? {}
      : { portDefinitions: portDefinitions.map(withoutLabels) }),
  };
}

function filled(name: string, list: readonly unknown[]): Readonly<Record<string, unknown>> {
  return list.length === 0 ? {} : { [name]: list };
}

function withoutLabels(one: { readonly labels: Readonly<Record<string, string>> }): unknown {
  const { labels, ...rest } = one;
  return Object.keys(labels).length === 0 ? rest : one;
}

/** An app as it was asked for, with its versions. */
function showRecord(marathon: Marathon, app: AppRecord): Readonly<Record<string, unknown>> {
  const { definition, version, lastScalingAt, lastConfigChangeAt } = app;
  return {
    ...showDefinition(definition, marathon.role),
    version,
    versionInfo: { lastScalingAt, lastConfigChangeAt },
  };
}

/** An app; the parts that Marathon shows on request are named by `embed`. */
export function showApp(
  marathon: Marathon,
  app: AppRecord,
  embed: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  const tasks = marathon.tasksOf(app.definition.id);
  const { lastFailure } = app;
  const deployments = marathon.deploymentsOf(app.definition.id);
  return {
    ...showRecord(marathon, app),
    ...counts(tasks),
    deployments: deployments.map(({ id }) => ({ id })),
    ...(embed.has("tasks") ? { tasks: tasks.map((task) => showTask(marathon, task)) } : {}),
    ...(embed.has("lastTaskFailure") && lastFailure !== undefined
      ? { lastTaskFailure: lastFailure }
      : {}),
  };
}

export function showDeployment(deployment: Deployment): unknown {
  const { id, version, steps, currentStep } = deployment;
  const apps = steps.flatMap((step) => step.map((action) => action.app));
  return {
    id,
    version,
    affectedApps: [...new Set(apps)],
    affectedPods: [],
    steps: steps.map((actions) => ({ actions })),
    currentActions: (steps[currentStep] ?? []).map((action) => ({
      ...action,
      readinessCheckResults: [],
    })),
    currentStep: currentStep + 1,
    totalSteps: steps.length,
  };
}

export function showQueueItem(marathon: Marathon, item: QueueItem): unknown {
  const declined = Object.keys(item.declined).length;
  return {
    app: showRecord(marathon, item.app),
    count: item.count,
    delay: { overdue: item.delayMs === 0, timeLeftSeconds: Math.ceil(item.delayMs / 1000) },
    processedOffersSummary: {
      processedOffersCount: item.rounds * declined,
      unusedOffersCount: item.rounds * declined,
      rejectSummaryLastOffers: summary(item.declined),
      rejectSummaryLaunchAttempt: summary(item.declined),
    },
    role: marathon.role,
    since: new Date(item.since).toISOString(),
  };
}
