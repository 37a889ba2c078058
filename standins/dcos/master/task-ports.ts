import type { MappedPort, TaskSpec } from "../protocol";
import type { AppDefinition } from "./app";

type Role = "*" | "slave_public";

/** The ports that agents of DC/OS offer by default, by the role of their resources. */
const offered: Readonly<Record<Role, readonly (readonly [number, number])[]>> = {
  "*": [
    [1025, 2180],
    [2182, 3887],
    [3889, 5049],
    [5052, 8079],
    [8082, 8180],
    [8182, 32_000],
  ],
  slave_public: [
    [1, 21],
    [23, 5050],
    [5052, 32_000],
  ],
};

/** Where ports are taken from that may be any. */
const dynamic = { first: 31_000, last: 32_000 };

/** The offered ports in Mesos' form of a range resource. */
export function portResource(role: Role): string {
  return `[${offered[role].map(([first, last]) => `${first}-${last}`).join(", ")}]`;
}

export function isOffered(role: Role, port: number): boolean {
  return offered[role].some(([first, last]) => port >= first && port <= last);
}

/** Ports of the agent that a task holds. */
export function hostPortsOf(spec: TaskSpec): readonly number[] {
  return spec.hostPorts ?? [];
}

/** The ports of the agent that every task of an app needs, and no others will do. */
export function requiredPorts(app: AppDefinition): readonly number[] {
  const mapped = app.container?.portMappings?.map(({ hostPort }) => hostPort ?? 0) ?? [];
  const defined = app.requirePorts ? (app.portDefinitions ?? []).map(({ port }) => port) : [];
  return [...mapped, ...defined].filter((port) => port !== 0);
}

export interface TaskPorts {
  /** What the program listens on, by index. */
  readonly ports: readonly number[];
  /** What it is reached by from outside, by index; what `$PORT0` and so on are. */
  readonly outer: readonly number[];
  readonly hostPorts: readonly number[];
  readonly mapped: readonly MappedPort[];
}

/**
 * The ports of one more task. On the host a port is free for the asking, unless the app requires the one it names;
 * in a container it is the container's own, which the agent's may lead to.
 * @param used ports that other tasks of the agent hold
 * @throws Error when no port is left
 */
export function taskPorts(app: AppDefinition, used: ReadonlySet<number>): TaskPorts {
  const taken = new Set([...used, ...requiredPorts(app)]);
  const free = (): number => {
    for (let port = dynamic.first; port <= dynamic.last; port++) {
      if (taken.has(port)) continue;
      taken.add(port);
      return port;
    }
    throw new Error(`${app.id}: no host port left on the agent`);
  };
  const mappings = app.container?.portMappings;
  if (mappings === undefined) {
    const ports = (app.portDefinitions ?? []).map(({ port }) =>
      app.requirePorts && port !== 0 ? port : free(),
    );
    return { ports, outer: ports, hostPorts: ports, mapped: [] };
  }
  const pairs = mappings.map(({ containerPort, hostPort, protocol }) => {
    const host = hostPort === 0 ? free() : hostPort;
    return { host, container: containerPort === 0 ? (host ?? free()) : containerPort, protocol };
  });
  return {
    ports: pairs.map(({ container }) => container),
    outer: pairs.map(({ host, container }) => host ?? container),
    hostPorts: pairs.flatMap(({ host }) => host ?? []),
    mapped: pairs.flatMap(({ host, container, protocol }): MappedPort[] =>
      host === undefined
        ? []
        : (["tcp", "udp"] as const)
            .filter((one) => protocol.split(",").includes(one))
            .map((one) => ({ hostPort: host, containerPort: container, protocol: one })),
    ),
  };
}
