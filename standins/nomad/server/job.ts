import { isRecord } from "../../../util/json";
import type {
  ConstraintSpec,
  GroupSpec,
  NetworkSpec,
  PortSpec,
  ServiceSpec,
  TaskSpec,
} from "../protocol";

type Fields = Readonly<Record<string, unknown>>;

/** A job as it was registered, and what the server makes of it. */
export interface Job {
  readonly id: string;
  readonly name: string;
  readonly type: "service" | "system" | "batch";
  readonly datacenters: readonly string[];
  readonly groups: readonly GroupSpec[];
  readonly constraints: readonly ConstraintSpec[];
  /** As the API was given it. */
  readonly raw: Fields;
}

/** A job that is not valid; the API answers with it. */
export class JobError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "JobError";
  }
}

const text = (value: unknown, otherwise = ""): string =>
  typeof value === "string" && value !== "" ? value : otherwise;
const number = (value: unknown, otherwise: number): number =>
  typeof value === "number" ? value : otherwise;
const records = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
const textsByName = (value: unknown): Record<string, string> =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]))
    : {};

function invalid(what: string): JobError {
  return new JobError(500, `1 error occurred:\n\t* ${what}\n\n`);
}

/** @throws JobError for a job that a server would not take */
export function parseJob(body: unknown): Job {
  const raw = isRecord(body) && isRecord(body.Job) ? body.Job : undefined;
  if (raw === undefined) throw new JobError(400, "Job must be specified");
  const id = text(raw.ID);
  if (id === "") throw new JobError(400, "Job ID hasn't been provided");
  const groups = records(raw.TaskGroups).map((group) => parseGroup(id, group));
  if (groups.length === 0) throw invalid("Missing job task groups");
  const type = text(raw.Type, "service");
  if (type !== "service" && type !== "system" && type !== "batch")
    throw invalid(`Invalid job type: "${type}"`);
  return {
    ...{ id, name: text(raw.Name, id), type, groups, raw },
    datacenters: raw.Datacenters === undefined ? ["*"] : texts(raw.Datacenters),
    constraints: parseConstraints(raw.Constraints),
  };
}

function parseGroup(job: string, raw: Fields): GroupSpec {
  const name = text(raw.Name);
  if (name === "") throw invalid("Missing task group name");
  // Only the first network counts.
  const [network] = records(raw.Networks).map(parseNetwork);
  const tasks = records(raw.Tasks).map((task) => parseTask(name, task));
  if (tasks.length === 0) throw invalid(`Task group ${name} has no tasks`);
  return {
    ...{ name, tasks, count: number(raw.Count, 1) },
    ...(network === undefined ? {} : { network }),
    services: records(raw.Services).map((service) => parseService(`${job}-${name}`, service)),
    constraints: [
      ...parseConstraints(raw.Constraints),
      ...records(raw.Tasks).flatMap((task) => parseConstraints(task.Constraints)),
    ],
  };
}

function parseNetwork(raw: Fields): NetworkSpec {
  const port = (one: Fields): PortSpec => ({
    label: text(one.Label),
    to: number(one.To, 0),
    ...(number(one.Value, 0) > 0 ? { value: number(one.Value, 0) } : {}),
  });
  return {
    mode: text(raw.Mode, "host").toLowerCase(),
    args: textsByName(isRecord(raw.CNI) ? raw.CNI.Args : undefined),
    ports: [...records(raw.ReservedPorts), ...records(raw.DynamicPorts)].map(port),
  };
}

const addressModes = ["auto", "host", "driver", "alloc", "alloc_ipv6"];

function parseService(owner: string, raw: Fields): ServiceSpec {
  const name = text(raw.Name, owner);
  const provider = text(raw.Provider, "consul");
  const addressMode = text(raw.AddressMode, "auto");
  const address = text(raw.Address);
  if (!addressModes.includes(addressMode))
    throw invalid(`Service address_mode must be one of: ${addressModes.join(", ")}`);
  if (provider === "nomad" && !/^[a-zA-Z0-9](-?[a-zA-Z0-9])*$/.test(name))
    throw invalid(`Service name must be valid per RFC 1123: ${name}`);
  if (address !== "" && addressMode !== "auto")
    throw invalid(`Service address_mode must be "auto" if address is set`);
  return {
    name,
    provider,
    addressMode,
    address,
    portLabel: text(raw.PortLabel),
    tags: texts(raw.Tags),
  };
}

function parseTask(group: string, raw: Fields): TaskSpec {
  const config = isRecord(raw.Config) ? raw.Config : {};
  const [name, driver] = [text(raw.Name), text(raw.Driver)];
  if (name === "") throw invalid("Missing task name");
  if (driver === "") throw invalid(`Task ${name} of ${group}: Missing task driver`);
  return {
    ...{ name, driver, command: text(config.command), args: texts(config.args) },
    env: textsByName(raw.Env),
  };
}

function parseConstraints(raw: unknown): ConstraintSpec[] {
  return records(raw).map((one) => ({
    left: text(one.LTarget),
    operand: text(one.Operand, "="),
    right: text(one.RTarget),
  }));
}
