import { parseArgs } from "node:util";
import { messageOf, SeamlessError } from "../../../util/errors";
import { flagNames } from "../cosmos/packages/marathon-flags";
import { readZooKeeper, type ZooKeeperAddress } from "../scheduler";

/** How a Marathon that is itself an app is started. */
export interface UserMarathonFlags {
  readonly frameworkName: string;
  readonly master: ZooKeeperAddress;
  /** Where its state is kept. */
  readonly zk: ZooKeeperAddress;
  readonly httpAddress: string;
  readonly httpPort: number;
  /** Of the scheduler's own connection to Mesos, which is only told here: no one connects to it. */
  readonly libprocessPort: number;
  /** What it is reached by, and says of itself. */
  readonly hostname: string;
  readonly webuiUrl: string | undefined;
  readonly mesosRole: string;
  readonly principal: string | undefined;
  readonly failoverTimeoutSeconds: number;
  /** For apps that name none. */
  readonly acceptedResourceRoles: readonly string[];
  /** For container networks without a name. */
  readonly networkName: string | undefined;
}

/** Flags of Marathon that the stand-in heeds. */
const heeded = [
  "master",
  "zk",
  "framework_name",
  "http_address",
  "http_port",
  "hostname",
  "webui_url",
  "mesos_role",
  "mesos_authentication_principal",
  "failover_timeout",
  "default_accepted_resource_roles",
  "default_network_name",
] as const;

/** Flags of Marathon that it takes and has no use for, with a value and without one. */
const ignored = flagNames("1.7", "text").filter((name) => !heeded.some((one) => one === name));
const switches = flagNames("1.7", "switch").flatMap((name) => [name, `disable_${name}`]);

type Flag = (typeof heeded)[number];

/**
 * Reads Marathon's command line (Marathon: "Command-Line Flags"). As in Marathon a flag that is not given may be in the
 * environment as `MARATHON_<FLAG>`; ports and the host's name that are in neither come from what the task was given:
 * `PORT0`, `LIBPROCESS_PORT` or `PORT1`, `LIBPROCESS_IP` or `HOST`.
 * @throws SeamlessError with all that is wrong
 */
export function readFlags(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): UserMarathonFlags {
  const values = parsed(args);
  const flag = (name: Flag): string | undefined => {
    const value = values[name] ?? env[`MARATHON_${name.toUpperCase()}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const problems: string[] = [];
  const frameworkName = flag("framework_name") ?? "marathon";
  const master = flag("master");
  if (master === undefined) problems.push("--master is missing, expected zk://<host>:<port>/mesos");
  const whole = (name: string, text: string | undefined, fallback: number): number => {
    if (text === undefined) return fallback;
    if (/^[0-9]+$/.test(text)) return Number(text);
    problems.push(`${name} is ${text}, expected a whole number`);
    return fallback;
  };
  const httpPort = whole("--http_port", flag("http_port") ?? env.PORT0, 8080);
  const failoverTimeoutSeconds = whole("--failover_timeout", flag("failover_timeout"), 604_800);
  const libprocessPort = whole("LIBPROCESS_PORT", env.LIBPROCESS_PORT ?? env.PORT1, 0);
  if (problems.length > 0 || master === undefined) throw new SeamlessError(problems.join("\n"), 2);
  const address = readZooKeeper(master);
  return {
    frameworkName,
    master: address,
    zk: readZooKeeper(flag("zk") ?? "zk://localhost:2181/marathon"),
    httpAddress: flag("http_address") ?? "0.0.0.0",
    httpPort,
    libprocessPort,
    hostname: flag("hostname") ?? env.LIBPROCESS_IP ?? env.HOST ?? "localhost",
    webuiUrl: flag("webui_url"),
    mesosRole: flag("mesos_role") ?? "*",
    principal: flag("mesos_authentication_principal"),
    failoverTimeoutSeconds,
    acceptedResourceRoles: (flag("default_accepted_resource_roles") ?? "*").split(","),
    networkName: flag("default_network_name"),
  };
}

function parsed(args: readonly string[]): Readonly<Record<string, unknown>> {
  const texts = [...heeded, ...ignored].map((name) => [name, { type: "string" }] as const);
  const bare = switches.map((name) => [name, { type: "boolean" }] as const);
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries([...texts, ...bare]) }).values;
  } catch (thrown) {
    const known = [...heeded, ...ignored].map((name) => `--${name}`).join(" ");
    throw new SeamlessError(
      `${messageOf(thrown)}\nflags: ${known} ${switches.map((name) => `--${name}`).join(" ")}`,
      2,
    );
  }
}
