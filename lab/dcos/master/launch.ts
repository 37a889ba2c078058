import type { TaskNetwork, TaskSpec } from "../protocol";
import type { AppDefinition } from "./app";
import type { AppRecord } from "./state";

/** Where Mesos agents lend out host ports from. */
const portRange = { first: 31000, last: 32000 };

export interface Launch {
  readonly record: AppRecord;
  /** Address of the agent. */
  readonly host: string;
  /** A UUID. */
  readonly id: string;
  /** Host ports that other tasks of the agent hold. */
  readonly usedPorts: ReadonlySet<number>;
}

/** The id of a task as Marathon makes it: app id with dots, the instance, and its one container. */
export function taskId(appId: string, id: string): string {
  return `${appId.slice(1).split("/").join("_")}.instance-${id}._app.1`;
}

/** What the agent is told to run. */
export function taskSpec({ record, host, id, usedPorts }: Launch): TaskSpec {
  const app = record.definition;
  const ports = portsOf(app, usedPorts);
  const network = app.networks[0] ?? { mode: "host" };
  const spec: TaskNetwork = network.mode === "host" ? { mode: "host" } : network;
  const named = ports.map((port, i): [string, string] => [`PORT${i}`, String(port)]);
  const first = ports[0];
  return {
    id: taskId(app.id, id),
    containerId: id,
    appId: app.id,
    version: record.version,
    command: app.cmd ?? app.args ?? [],
    env: {
      ...app.env,
      HOST: host,
      ...Object.fromEntries(named),
      ...(first === undefined ? {} : { PORT: String(first), PORTS: ports.join(",") }),
      MARATHON_APP_ID: app.id,
      MARATHON_APP_VERSION: record.version,
      MARATHON_APP_RESOURCE_CPUS: String(app.cpus),
      MARATHON_APP_RESOURCE_MEM: String(app.mem),
      MESOS_TASK_ID: taskId(app.id, id),
    },
    network: spec,
    ports,
    healthChecks: app.healthChecks.map(({ command, ...check }) => ({
      ...check,
      ...(command === undefined ? {} : { command: command.value }),
    })),
    killGraceSeconds: app.taskKillGracePeriodSeconds,
  };
}

/** In a container the ports are the container's own; on the host free ones are taken where none is named. */
function portsOf(app: AppDefinition, used: ReadonlySet<number>): readonly number[] {
  const taken = new Set(used);
  const free = (): number => {
    for (let port = portRange.first; port <= portRange.last; port++) {
      if (!taken.has(port)) {
        taken.add(port);
        return port;
      }
    }
    throw new Error(`${app.id}: no host port left on the agent`);
  };
  if (app.networks[0]?.mode === "container") {
    return (app.container?.portMappings ?? []).map(({ containerPort }) =>
      containerPort === 0 ? free() : containerPort,
    );
  }
  // Without requirePorts, which this stand-in refuses, Marathon takes the number as a service port only.
  return app.portDefinitions.map(() => free());
}
