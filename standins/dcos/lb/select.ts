import { isIP } from "node:net";
import { isRecord } from "../../../util/json";
import type { Check, Server, Service } from "./config";
import { knownLabels, Labels } from "./labels";

export interface Selection {
  /** Of these groups; `*` for all. */
  readonly groups: readonly string[];
  /** Leaves out tasks that Marathon's checks have not found healthy. */
  readonly healthCheck: boolean;
  /** Only services that say they are enabled. */
  readonly strict: boolean;
  /** Ports that the balancer needs itself. */
  readonly taken: readonly number[];
}

export interface Selected {
  readonly services: readonly Service[];
  /** What was left out and why, for people. */
  readonly notes: readonly string[];
}

type Raw = Readonly<Record<string, unknown>>;

/**
 * The services to offer, from the answer of Marathon to `GET /v2/apps?embed=apps.tasks`: of every app each port
 * that has a service port and is of one of the groups (marathon-lb: "App Labels"). What cannot be done is left
 * out and told.
 */
export function selectServices(answer: unknown, selection: Selection): Selected {
  const notes: string[] = [];
  const apps = isRecord(answer) && Array.isArray(answer.apps) ? answer.apps.filter(isRecord) : [];
  const found = apps
    .sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
    .flatMap((app) => servicesOf(app, selection, notes));
  const taken = new Map<number, string>(selection.taken.map((port) => [port, "the balancer"]));
  const services = found.filter(({ name, port }) => {
    const owner = taken.get(port);
    if (owner === undefined) taken.set(port, name);
    else notes.push(`${name}: port ${port} is taken by ${owner}; give the app another servicePort`);
    return owner === undefined;
  });
  return { services, notes };
}

function servicesOf(app: Raw, selection: Selection, notes: string[]): readonly Service[] {
  const id = String(app.id);
  const ports = portsOf(app);
  const labels = new Labels(isRecord(app.labels) ? app.labels : {}, id, notes);
  const chosen = ports.flatMap((port, n) => {
    const groups = labels.list(n, "GROUP") ?? labels.groups();
    const wanted =
      selection.groups.includes("*") || groups.some((one) => selection.groups.includes(one));
    return wanted && (labels.flag(n, "ENABLED") ?? !selection.strict) ? [{ port, n }] : [];
  });
  if (chosen.length === 0) return [];
  labels.refuseOthers(ports.length, knownLabels);
  return chosen.flatMap(({ port, n }) => {
    const number = labels.port(n, "PORT") ?? port.servicePort;
    if (number === 0) {
      notes.push(`${id}: port ${n} has no servicePort`);
      return [];
    }
    const hosts = labels.hosts(n);
    const path = labels.path(n);
    const check = checkOf(app, n, id, notes);
    const servers = serversOf(app, port, n, check?.port, selection, notes);
    // A port without servers is no port.
    if (servers.length === 0) return [];
    return [
      {
        name: `${id.slice(1).replace(/[^A-Za-z0-9.-]/g, "_")}_${number}`,
        port: number,
        mode: labels.mode(n) ?? (hosts.length > 0 || check?.http === true ? "http" : "tcp"),
        hosts,
        ...(path === undefined ? {} : { path }),
        weight: labels.number(n, "BACKEND_WEIGHT") ?? 0,
        sticky: labels.flag(n, "STICKY") ?? false,
        redirectToHttps: labels.flag(n, "REDIRECT_TO_HTTPS") ?? false,
        allowed: labels.networks(n),
        ...(check === undefined ? {} : { check: check.check }),
        servers,
      },
    ];
  });
}

interface AppPort {
  readonly servicePort: number;
  /** Of a container with an address of its own. */
  readonly containerPort?: number;
}

function portsOf(app: Raw): readonly AppPort[] {
  const container = isRecord(app.container) ? app.container : {};
  const own = records(app.networks).some(({ mode }) => mode === "container");
  const bridged = records(app.networks).some(({ mode }) => mode === "container/bridge");
  if (own || bridged) {
    return records(container.portMappings).map(({ servicePort, containerPort }) => ({
      servicePort: numberOf(servicePort),
      ...(own ? { containerPort: numberOf(containerPort) } : {}),
    }));
  }
  return records(app.portDefinitions).map(({ port }) => ({ servicePort: numberOf(port) }));
}

/** The tasks that may be asked, in the order of their names: those that Mesos cannot reach stay, those that end do not. */
function serversOf(
  app: Raw,
  port: AppPort,
  n: number,
  checkPort: number | undefined,
  { healthCheck }: Selection,
  notes: string[],
): readonly Server[] {
  const checks = records(app.healthChecks).length;
  const servers = records(app.tasks)
    .filter(({ state }) => state !== "TASK_KILLING")
    .filter((task) => !healthCheck || checks === 0 || isHealthy(task))
    .flatMap((task): Server[] => {
      const { address, number } = endpointOf(task, port, n);
      if (isIP(address) === 0 || number === 0) {
        notes.push(`${String(app.id)}: no address and port for port ${n} of ${String(task.id)}`);
        return [];
      }
      const name = `${address.replace(/[.:]/g, "_")}_${number}`;
      const elsewhere = checkPort === undefined || checkPort === number ? {} : { checkPort };
      return [{ name, address, port: number, ...elsewhere }];
    });
  return [...new Map(servers.map((server) => [server.name, server])).values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

function endpointOf(task: Raw, { containerPort }: AppPort, n: number) {
  if (containerPort === undefined) {
    const ports = Array.isArray(task.ports) ? task.ports : [];
    return { address: String(task.host), number: numberOf(ports[n]) };
  }
  const [first] = records(task.ipAddresses);
  return { address: String(first?.ipAddress), number: containerPort };
}

/** One good outcome is enough, as for marathon-lb. */
function isHealthy(task: Raw): boolean {
  return records(task.healthCheckResults).some(({ alive }) => alive === true);
}

/** The app's own check of a port, for HAProxy to make too: it sees between two events what Marathon does not. */
function checkOf(
  app: Raw,
  n: number,
  id: string,
  notes: string[],
): { readonly check: Check; readonly port?: number; readonly http: boolean } | undefined {
  const found = records(app.healthChecks).find(
    ({ protocol, port, portIndex }) =>
      protocol !== "COMMAND" && (typeof port === "number" || portIndex === n),
  );
  if (found === undefined) return undefined;
  const protocol = String(found.protocol).replace(/^MESOS_/, "");
  const path = typeof found.path === "string" ? found.path : "/";
  const plain = /^\/[A-Za-z0-9._~/?=&%-]*$/.test(path);
  if (!plain) notes.push(`${id}: the path ${JSON.stringify(path)} is checked by Marathon alone`);
  return {
    check: {
      ...(protocol === "TCP" || !plain ? {} : { path }),
      tls: protocol === "HTTPS",
      intervalSeconds: Math.max(1, numberOf(found.intervalSeconds)),
      timeoutSeconds: Math.max(1, numberOf(found.timeoutSeconds)),
      failures: Math.max(1, numberOf(found.maxConsecutiveFailures)),
    },
    ...(typeof found.port === "number" ? { port: found.port } : {}),
    // A check that Marathon itself makes by HTTP tells that the port speaks it; one that Mesos makes does not.
    http: found.protocol === "HTTP" || found.protocol === "HTTPS",
  };
}

function records(value: unknown): readonly Raw[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
