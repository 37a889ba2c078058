import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../../util/json";
import { healthProtocols } from "../protocol";
import {
  type AppDefinition,
  type AppHealthCheck,
  type Constraint,
  canonicalId,
  constraintOperators,
  type FetchedFile,
  type Problem,
} from "./app";
import { Fields } from "./fields";
import { parseNetworking } from "./parse-network";
import { translate } from "./translate";

export type ParsedApp = { readonly app: AppDefinition } | { readonly problems: readonly Problem[] };

/** What the flags of a Marathon say for apps that say nothing. */
export interface AppDefaults {
  /** `--default_accepted_resource_roles`. Default `*`. */
  readonly acceptedResourceRoles?: readonly string[];
  /** `--mesos_role`; the only role beside `*` that apps may accept. By default any. */
  readonly role?: string;
  /** For container networks without a name, `--default_network_name`. By default they are refused. */
  readonly networkName?: string;
}

const knownFields = [
  "id",
  "cmd",
  "args",
  "user",
  "env",
  "labels",
  "instances",
  "cpus",
  "mem",
  "disk",
  "constraints",
  "acceptedResourceRoles",
  "networks",
  "container",
  "portDefinitions",
  "requirePorts",
  "fetch",
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
  // Of packages; Marathon does not know it, and says nothing.
  "maintainer",
];

/** Fields that may be there with the value that Marathon shows, for the stand-in knows no other. */
const fixed: Readonly<Record<string, unknown>> = {
  dependencies: [],
  executor: "",
  gpus: 0,
  killSelection: "YOUNGEST_FIRST",
  readinessChecks: [],
  secrets: {},
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
};

/** What Marathon shows of every app beside its definition. */
export const shownDefaults: Readonly<Record<string, unknown>> = {
  executor: fixed.executor,
  gpus: fixed.gpus,
  killSelection: fixed.killSelection,
  unreachableStrategy: fixed.unreachableStrategy,
};

const idPart = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$/;

/** Checks a definition as it came from a client, in its older or newer form, and fills in Marathon's defaults. */
export function parseApp(
  raw: Readonly<Record<string, unknown>>,
  defaults: AppDefaults = {},
): ParsedApp {
  const problems: Problem[] = [];
  const fields = new Fields(translate(raw, problems), "", problems);
  const known = { ...fixed, role: defaults.role ?? "*" };
  fields.only([...knownFields, ...shownOnly, ...Object.keys(known)]);
  for (const [name, value] of Object.entries(known)) {
    if (fields.has(name) && !isDeepStrictEqual(fields.raw(name), value)) {
      fields.bad(name, `the stand-in knows only ${JSON.stringify(value)}`);
    }
  }
  const cmd = fields.text("cmd");
  const texts = fields.texts("args");
  const args = texts?.length === 0 ? undefined : texts;
  const networking = parseNetworking(fields, defaults.networkName);
  const image = networking.container?.docker?.image;
  // An image knows what it runs; without one something has to be said.
  if (cmd === undefined ? args === undefined && image === undefined : args !== undefined) {
    problems.push({
      path: "/",
      errors: ["AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
    });
  }
  const user = fields.text("user");
  const grace = fields.has("taskKillGracePeriodSeconds")
    ? fields.number("taskKillGracePeriodSeconds", 0, 0)
    : undefined;
  const fetch = fields.objects("fetch").map(parseFetch);
  const upgrade = fields.object("upgradeStrategy");
  const app: AppDefinition = {
    id: parseId(fields),
    ...(cmd === undefined ? {} : { cmd }),
    ...(args === undefined ? {} : { args }),
    ...(user === undefined ? {} : { user }),
    env: fields.textMap("env"),
    labels: fields.textMap("labels"),
    instances: fields.number("instances", 1, 0, true),
    cpus: fields.number("cpus", 1, 0),
    mem: fields.number("mem", 128, 0),
    disk: fields.number("disk", 0, 0),
    constraints: parseConstraints(fields),
    acceptedResourceRoles: parseRoles(fields, defaults),
    ...networking,
    ...(fetch.length === 0 ? {} : { fetch }),
    healthChecks: fields.objects("healthChecks").map(parseHealthCheck),
    upgradeStrategy: {
      minimumHealthCapacity: upgrade?.number("minimumHealthCapacity", 1, 0) ?? 1,
      maximumOverCapacity: upgrade?.number("maximumOverCapacity", 1, 0) ?? 1,
    },
    backoffSeconds: fields.number("backoffSeconds", 1, 0),
    backoffFactor: fields.number("backoffFactor", 1.15, 1),
    maxLaunchDelaySeconds: fields.number("maxLaunchDelaySeconds", 300, 0),
    ...(grace === undefined ? {} : { taskKillGracePeriodSeconds: grace }),
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

function parseRoles(fields: Fields, defaults: AppDefaults): readonly string[] {
  const roles = fields.texts("acceptedResourceRoles") ?? defaults.acceptedResourceRoles ?? ["*"];
  if (roles.length === 0) fields.bad("acceptedResourceRoles", "must not be empty");
  const { role } = defaults;
  if (role !== undefined && !roles.every((one) => one === "*" || one === role))
    fields.bad("acceptedResourceRoles", `acceptedResourceRoles can only contain * and ${role}`);
  return roles;
}

function parseFetch(file: Fields): FetchedFile {
  file.only(["uri", "extract", "executable", "cache"]);
  const uri = file.text("uri");
  if (uri === undefined) file.bad("uri", "is missing");
  return {
    uri: uri ?? "",
    extract: file.boolean("extract", true),
    executable: file.boolean("executable", false),
    cache: file.boolean("cache", false),
  };
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
    "delaySeconds",
    "ignoreHttp1xx",
    "ipProtocol",
  ]);
  const protocol = check.oneOf("protocol", healthProtocols, "HTTP");
  const command = check.raw("command");
  const value = isRecord(command) && typeof command.value === "string" ? command.value : undefined;
  if ((protocol === "COMMAND") !== (value !== undefined)) {
    check.bad("command", 'COMMAND needs {"value": "..."}, other protocols take none');
  }
  const path = check.text("path");
  const port = check.has("port") ? check.number("port", 0, 1, true) : undefined;
  if (port !== undefined && check.has("portIndex")) {
    check.bad("portIndex", "must be missing where there is a port");
  }
  const indexed = protocol !== "COMMAND" && port === undefined;
  return {
    protocol,
    ...(path === undefined ? {} : { path }),
    ...(port === undefined ? {} : { port }),
    ...(indexed ? { portIndex: check.number("portIndex", 0, 0, true) } : {}),
    ...(value === undefined ? {} : { command: { value } }),
    gracePeriodSeconds: check.number("gracePeriodSeconds", 300, 0),
    intervalSeconds: check.number("intervalSeconds", 60, 1),
    timeoutSeconds: check.number("timeoutSeconds", 20, 1),
    maxConsecutiveFailures: check.number("maxConsecutiveFailures", 3, 0, true),
    delaySeconds: check.number("delaySeconds", 15, 0),
    ...(protocol === "HTTP" || protocol === "HTTPS"
      ? { ignoreHttp1xx: check.boolean("ignoreHttp1xx", false) }
      : {}),
    ipProtocol: check.oneOf("ipProtocol", ["IPv4", "IPv6"], "IPv4"),
  };
}
