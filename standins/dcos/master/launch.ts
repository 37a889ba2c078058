import type { TaskNetwork, TaskSpec } from "../protocol";
import type { AppDefinition } from "./app";
import type { AppRecord } from "./state";
import { type TaskPorts, taskPorts } from "./task-ports";

/** Seconds between SIGTERM and SIGKILL for an app that says nothing about it, as in Mesos. */
const defaultKillGraceSeconds = 3;
/** The network that Marathon's mode `container/bridge` means: its flag `--mesos_bridge_name`. */
const bridgeName = "mesos-bridge";
/** By such an argument of `docker run` a container gets a label of Calico. */
const calicoLabel = /^org\.projectcalico\.label\.([^=]+)=(.*)$/s;

export interface Launch {
  readonly record: AppRecord;
  /** Address of the agent. */
  readonly host: string;
  /** A UUID. */
  readonly id: string;
  /** Host ports that other tasks of the agent hold. */
  readonly usedPorts: ReadonlySet<number>;
}

/** The id of an instance as Marathon makes it from the app's id. */
export function instanceId(appId: string, id: string): string {
  return `${appId.slice(1).split("/").join("_")}.instance-${id}`;
}

/** The id of a task as Marathon makes it: that of its instance, and the name of its one container. */
export function taskId(appId: string, id: string): string {
  return `${instanceId(appId, id)}._app.1`;
}

/** What the agent is told to run. */
export function taskSpec({ record, host, id, usedPorts }: Launch): TaskSpec {
  const app = record.definition;
  const image = app.container?.docker?.image;
  const { user } = app;
  const ports = taskPorts(app, usedPorts);
  return {
    id: taskId(app.id, id),
    containerId: id,
    appId: app.id,
    version: record.version,
    command: app.cmd ?? app.args ?? [],
    ...(image === undefined ? {} : { image }),
    ...(app.fetch === undefined ? {} : { fetch: app.fetch.map(({ uri }) => uri) }),
    ...(user === undefined ? {} : { user }),
    env: {
      HOST: host,
      ...portEnv(app, ports),
      ...appEnv(record),
      MESOS_TASK_ID: taskId(app.id, id),
      ...app.env,
    },
    network: networkOf(app),
    ports: ports.ports,
    ...(ports.hostPorts.length === 0 ? {} : { hostPorts: ports.hostPorts }),
    ...(ports.mapped.length === 0 ? {} : { mappedPorts: ports.mapped }),
    healthChecks: app.healthChecks.map(({ command, ...check }) => ({
      ...check,
      ...(command === undefined ? {} : { command: command.value }),
    })),
    killGraceSeconds: app.taskKillGracePeriodSeconds ?? defaultKillGraceSeconds,
  };
}

function networkOf(app: AppDefinition): TaskNetwork {
  const network = app.networks[0] ?? { mode: "host" };
  if (network.mode === "host") return network;
  const parameters = app.container?.docker?.parameters ?? [];
  const labels = parameters.flatMap(({ key, value }): [string, string][] => {
    const [, name, text] = calicoLabel.exec(value) ?? [];
    return key === "label" && name !== undefined && text !== undefined ? [[name, text]] : [];
  });
  return {
    mode: "container",
    name: network.mode === "container" ? network.name : bridgeName,
    labels: { ...Object.fromEntries(labels), ...network.labels },
  };
}

/** `PORT0`, `PORT1`; `PORT_<number>` and `PORT_<NAME>` by what the app calls its ports; `PORT` and `PORTS`. */
function portEnv(app: AppDefinition, { outer }: TaskPorts): Readonly<Record<string, string>> {
  const declared =
    app.container?.portMappings?.map(({ containerPort, name }) => ({
      port: containerPort,
      name,
    })) ??
    app.portDefinitions ??
    [];
  const [first] = outer;
  if (first === undefined) return {};
  return {
    ...Object.fromEntries(outer.map((port, i) => [`PORT${i}`, String(port)])),
    ...Object.fromEntries(
      declared.flatMap(({ port, name }, i): [string, string][] => {
        const value = String(outer[i] ?? 0);
        return [
          ...(port === 0 ? [] : [[`PORT_${port}`, value] satisfies [string, string]]),
          ...(name === undefined
            ? []
            : [[`PORT_${envName(name)}`, value] satisfies [string, string]]),
        ];
      }),
    ),
    PORT: String(first),
    PORTS: outer.join(","),
  };
}

/** What Marathon tells a task about its app. */
function appEnv({ definition: app, version }: AppRecord): Readonly<Record<string, string>> {
  const image = app.container?.docker?.image;
  const labels = Object.entries(app.labels).map(([name, value]) => [envName(name), value] as const);
  return {
    MARATHON_APP_ID: app.id,
    MARATHON_APP_VERSION: version,
    ...(image === undefined ? {} : { MARATHON_APP_DOCKER_IMAGE: image }),
    MARATHON_APP_RESOURCE_CPUS: String(app.cpus),
    MARATHON_APP_RESOURCE_MEM: String(app.mem),
    MARATHON_APP_RESOURCE_DISK: String(app.disk),
    MARATHON_APP_RESOURCE_GPUS: "0",
    MARATHON_APP_LABELS: labels.map(([name]) => name).join(" "),
    ...Object.fromEntries(labels.map(([name, value]) => [`MARATHON_APP_LABEL_${name}`, value])),
  };
}

function envName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9_]/g, "_");
}
