import { isRecord } from "../config";
import { healthProtocols } from "../protocol";
import {
  type AppDefinition,
  type AppHealthCheck,
  type AppNetwork,
  type Constraint,
  canonicalId,
  constraintOperators,
  type PortDefinition,
  type PortMapping,
  type Problem,
} from "./app";
import { Fields } from "./fields";

export type ParsedApp = { readonly app: AppDefinition } | { readonly problems: readonly Problem[] };

const knownFields = [
  "id",
  "cmd",
  "args",
  "env",
  "labels",
  "instances",
  "cpus",
  "mem",
  "disk",
  "gpus",
  "constraints",
  "acceptedResourceRoles",
  "networks",
  "container",
  "portDefinitions",
  "requirePorts",
  "healthChecks",
  "upgradeStrategy",
  "backoffSeconds",
  "backoffFactor",
  "maxLaunchDelaySeconds",
  "taskKillGracePeriodSeconds",
];

/** What Marathon adds when it shows an app; taken back in silence, as Marathon does. */
const shownOnly = [
  "version",
  "versionInfo",
  "tasksStaged",
  "tasksRunning",
  "tasksHealthy",
  "tasksUnhealthy",
  "deployments",
  "tasks",
  "lastTaskFailure",
];

const idPart = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$/;

/** Checks a definition as it came from a client and fills in Marathon's defaults. */
export function parseApp(raw: Readonly<Record<string, unknown>>): ParsedApp {
  const problems: Problem[] = [];
  const fields = new Fields(raw, "", problems);
  fields.only([...knownFields, ...shownOnly]);
  const cmd = fields.text("cmd");
  const args = fields.texts("args");
  if ((cmd === undefined) === (args === undefined)) {
    problems.push({
      path: "/",
      errors: ["AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
    });
  }
  if (fields.number("gpus", 0, 0) > 0) fields.bad("gpus", "is not supported by the stand-in");
  if (fields.raw("requirePorts") === true) {
    fields.bad("requirePorts", "is not supported by the stand-in");
  }
  const networks = parseNetworks(fields);
  const container = parseContainer(fields, networks);
  const upgrade = fields.object("upgradeStrategy");
  const app: AppDefinition = {
    id: parseId(fields),
    ...(cmd === undefined ? {} : { cmd }),
    ...(args === undefined ? {} : { args }),
    env: fields.textMap("env"),
    labels: fields.textMap("labels"),
    instances: fields.number("instances", 1, 0, true),
    cpus: fields.number("cpus", 1, 0),
    mem: fields.number("mem", 128, 0),
    disk: fields.number("disk", 0, 0),
    constraints: parseConstraints(fields),
    acceptedResourceRoles: parseRoles(fields),
    networks,
    ...(container === undefined ? {} : { container }),
    portDefinitions: parsePorts(fields, networks),
    healthChecks: fields.objects("healthChecks").map(parseHealthCheck),
    upgradeStrategy: {
      minimumHealthCapacity: upgrade?.number("minimumHealthCapacity", 1, 0) ?? 1,
      maximumOverCapacity: upgrade?.number("maximumOverCapacity", 1, 0) ?? 1,
    },
    backoffSeconds: fields.number("backoffSeconds", 1, 0),
    backoffFactor: fields.number("backoffFactor", 1.15, 1),
    maxLaunchDelaySeconds: fields.number("maxLaunchDelaySeconds", 300, 0),
    taskKillGracePeriodSeconds: fields.number("taskKillGracePeriodSeconds", 3, 0),
  };
  return problems.length === 0 ? { app } : { problems };
}

function parseId(fields: Fields): string {
  const id = fields.text("id");
  if (id === undefined) {
    if (!fields.has("id")) fields.bad("id", "is missing");
    return "/";
  }
  const canonical = canonicalId(id);
  const parts = canonical.slice(1).split("/");
  if (!parts.every((part) => idPart.test(part))) {
    fields.bad(
      "id",
      "must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])$' in every part",
    );
  }
  return canonical;
}

function parseConstraints(fields: Fields): readonly Constraint[] {
  if (!fields.has("constraints")) return [];
  const value = fields.raw("constraints");
  if (!Array.isArray(value)) {
    fields.bad("constraints", "must be a list");
    return [];
  }
  return value.flatMap((one: unknown, i): Constraint[] => {
    const path = `constraints(${i})`;
    if (!Array.isArray(one) || !one.every((part): part is string => typeof part === "string")) {
      fields.bad(path, "must be a list of texts");
      return [];
    }
    const [field, name, parameter] = one;
    const operator = constraintOperators.find((known) => known === name);
    if (field === undefined || field === "" || operator === undefined || one.length > 3) {
      fields.bad(
        path,
        `must be [field, operator, value?] with an operator of ${constraintOperators.join(", ")}`,
      );
      return [];
    }
    const error = parameterError(operator, parameter);
    if (error !== undefined) fields.bad(path, error);
    return [parameter === undefined ? [field, operator] : [field, operator, parameter]];
  });
}

function parameterError(
  operator: Constraint[1],
  parameter: string | undefined,
): string | undefined {
  if (operator === "UNIQUE") {
    return parameter === undefined ? undefined : "UNIQUE takes no value";
  }
  if (operator === "CLUSTER") return undefined;
  if (operator === "GROUP_BY" && parameter === undefined) return undefined;
  if (parameter === undefined) return `${operator} needs a value`;
  if (operator === "MAX_PER" || operator === "GROUP_BY") {
    return /^[1-9][0-9]*$/.test(parameter) ? undefined : `${operator} needs a whole number above 0`;
  }
  if (operator === "IS") return undefined;
  try {
    new RegExp(parameter);
    return undefined;
  } catch {
    return `${operator} needs a regular expression, got ${parameter}`;
  }
}

function parseRoles(fields: Fields): readonly string[] {
  const roles = fields.texts("acceptedResourceRoles") ?? ["*"];
  if (roles.length === 0) fields.bad("acceptedResourceRoles", "must not be empty");
  return roles;
}

function parseNetworks(fields: Fields): readonly AppNetwork[] {
  const networks = fields.objects("networks").map((network): AppNetwork => {
    network.only(["mode", "name", "labels"]);
    const mode = network.oneOf("mode", ["container", "host"], "container");
    if (mode === "host") return { mode };
    const name = network.text("name");
    if (name === undefined) network.bad("name", "is missing; the stand-in has no default network");
    return { mode, name: name ?? "", labels: network.textMap("labels") };
  });
  if (networks.length > 1) fields.bad("networks", "the stand-in joins one network for each app");
  return networks.length === 0 ? [{ mode: "host" }] : networks;
}

function parseContainer(
  fields: Fields,
  networks: readonly AppNetwork[],
): AppDefinition["container"] {
  const container = fields.object("container");
  if (container === undefined) return undefined;
  container.only(
    ["type", "portMappings"],
    "is not supported by the stand-in: it runs no images and mounts no volumes",
  );
  container.oneOf("type", ["MESOS"], "MESOS");
  const portMappings = container.objects("portMappings").map((mapping): PortMapping => {
    mapping.only(["containerPort", "hostPort", "servicePort", "protocol", "name", "labels"]);
    const hostPort = mapping.raw("hostPort");
    if (typeof hostPort === "number") {
      mapping.bad("hostPort", "is not supported by the stand-in: its networks map no ports");
    }
    const name = mapping.text("name");
    return {
      containerPort: mapping.number("containerPort", 0, 0, true),
      protocol: mapping.oneOf("protocol", ["tcp", "udp", "udp,tcp"], "tcp"),
      ...(name === undefined ? {} : { name }),
      labels: mapping.textMap("labels"),
    };
  });
  if (portMappings.length > 0 && networks[0]?.mode !== "container") {
    container.bad("portMappings", "must be empty with host networking");
  }
  return { type: "MESOS", portMappings };
}

function parsePorts(fields: Fields, networks: readonly AppNetwork[]): readonly PortDefinition[] {
  if (networks[0]?.mode === "container") {
    // A client may send back the empty list that it was shown.
    if (fields.objects("portDefinitions").length > 0) {
      fields.bad("portDefinitions", "must be empty with a container network");
    }
    return [];
  }
  if (!fields.has("portDefinitions")) return [{ port: 0, protocol: "tcp", labels: {} }];
  return fields.objects("portDefinitions").map((port): PortDefinition => {
    port.only(["port", "protocol", "name", "labels"]);
    const name = port.text("name");
    return {
      port: port.number("port", 0, 0, true),
      protocol: port.oneOf("protocol", ["tcp", "udp", "udp,tcp"], "tcp"),
      ...(name === undefined ? {} : { name }),
      labels: port.textMap("labels"),
    };
  });
}

function parseHealthCheck(check: Fields): AppHealthCheck {
  check.only([
    "protocol",
    "path",
    "port",
    "portIndex",
    "command",
    "gracePeriodSeconds",
    "intervalSeconds",
    "timeoutSeconds",
    "maxConsecutiveFailures",
  ]);
  const protocol = check.oneOf("protocol", healthProtocols, "HTTP");
  const command = check.raw("command");
  const value = isRecord(command) && typeof command.value === "string" ? command.value : undefined;
  if ((protocol === "COMMAND") !== (value !== undefined)) {
    check.bad("command", 'COMMAND needs {"value": "..."}, other protocols take none');
  }
  return {
    protocol,
    path: check.text("path") ?? "/",
    ...(check.has("port") ? { port: check.number("port", 0, 1, true) } : {}),
    portIndex: check.number("portIndex", 0, 0, true),
    ...(value === undefined ? {} : { command: { value } }),
    gracePeriodSeconds: check.number("gracePeriodSeconds", 300, 0),
    intervalSeconds: check.number("intervalSeconds", 60, 1),
    timeoutSeconds: check.number("timeoutSeconds", 20, 1),
    maxConsecutiveFailures: check.number("maxConsecutiveFailures", 3, 0, true),
  };
}
