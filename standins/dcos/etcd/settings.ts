import { messageOf, SeamlessError } from "../../../util/errors";
import { type Constraint, constraintOperators } from "../master/app";
import { readZooKeeper, type ZooKeeperAddress } from "../scheduler";

export interface EtcdSettings {
  /** Of the framework, and of the members' names in the DNS. */
  readonly name: string;
  readonly count: number;
  readonly cpus: number;
  /** MiB. */
  readonly mem: number;
  readonly placement: readonly Constraint[];
  readonly clientPort: number;
  readonly peerPort: number;
  readonly deploy: "parallel" | "serial";
  readonly update: "parallel" | "serial";
  readonly token: string;
  /** Milliseconds. */
  readonly heartbeatInterval: number;
  /** Milliseconds. */
  readonly electionTimeout: number;
  readonly snapshotCount: number;
  /** To end the members and the framework instead of running them. */
  readonly uninstall: boolean;
  readonly apiPort: number;
  /** Address of this scheduler. */
  readonly hostname: string;
  /** Where the framework registers, and keeps its state. */
  readonly zookeeper: ZooKeeperAddress;
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultZooKeeper = "zk://master.mesos:2181";

/**
 * Reads what the app of the package `etcd` has in its environment. `--zookeeper zk://<host>:<port>` may name another
 * master than `master.mesos`; a last argument `svc.yml` is what the package's command says.
 * @throws SeamlessError with all that is wrong
 */
export function readEtcdSettings(args: readonly string[], env: Environment): EtcdSettings {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = env[name];
    if (value !== undefined && value !== "") return value;
    problems.push(`${name} is missing`);
    return "";
  };
  const number = (name: string, least: number): number => {
    const value = Number(text(name));
    if (!(value >= least)) problems.push(`${name} is ${env[name]}, expected at least ${least}`);
    return value;
  };
  const strategy = (name: string): "parallel" | "serial" => {
    const value = text(name);
    if (value === "parallel" || value === "serial") return value;
    problems.push(`${name} is ${value}, expected parallel or serial`);
    return "serial";
  };
  for (const [name, what] of [
    ["TLS_ENABLED", "TLS"],
    ["ENABLE_VIRTUAL_NETWORK", "a virtual network"],
  ] as const) {
    const value = env[name] ?? "false";
    if (value !== "false") {
      problems.push(`${name} is ${value}; the stand-in's etcd knows no ${what}`);
    }
  }
  // The service's specification, which the command names: the stand-in knows no other.
  const own = args.at(-1) === "svc.yml" ? args.slice(0, -1) : args;
  const [flag, zookeeper = defaultZooKeeper, ...rest] = own;
  if ((flag !== undefined && flag !== "--zookeeper") || rest.length > 0) {
    problems.push(`${args.join(" ")}: expected [--zookeeper zk://<host>:<port>] [svc.yml]`);
  }
  const name = text("FRAMEWORK_NAME");
  const settings: EtcdSettings = {
    name,
    count: number("NODE_COUNT", 1),
    cpus: number("NODE_CPUS", 0),
    mem: number("NODE_MEM", 0),
    placement: readPlacement(env.NODE_PLACEMENT ?? "", problems),
    clientPort: number("PORT_CLIENT", 1),
    peerPort: number("PORT_PEER", 1),
    deploy: strategy("DEPLOY_STRATEGY"),
    update: strategy("UPDATE_STRATEGY"),
    token: text("INITIAL_CLUSTER_TOKEN"),
    heartbeatInterval: number("HEARTBEAT_INTERVAL", 1),
    electionTimeout: number("ELECTION_TIMEOUT", 1),
    snapshotCount: number("SNAPSHOT_COUNT", 1),
    uninstall: env.SDK_UNINSTALL === "true",
    apiPort: number("PORT0", 1),
    hostname: env.LIBPROCESS_IP ?? env.HOST ?? "localhost",
    zookeeper: {
      ...readZooKeeper(`${zookeeper}/`),
      path: `/dcos-service-${name.split("/").join("__")}`,
    },
  };
  if (problems.length > 0) throw new SeamlessError(problems.join("\n"), 2);
  return settings;
}

/** Marathon's constraints as JSON text, `[["hostname", "UNIQUE"]]`; empty for none. */
function readPlacement(text: string, problems: string[]): readonly Constraint[] {
  if (text.trim() === "") return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    problems.push(`NODE_PLACEMENT is ${text}: ${messageOf(thrown)}`);
    return [];
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((one): Constraint[] => {
    const [field, name, parameter]: readonly unknown[] = Array.isArray(one) ? one : [];
    const operator = constraintOperators.find((known) => known === name);
    if (typeof field !== "string" || operator === undefined) {
      problems.push(
        `NODE_PLACEMENT has ${JSON.stringify(one)}, expected [field, operator, value?]`,
      );
      return [];
    }
    return [parameter === undefined ? [field, operator] : [field, operator, String(parameter)]];
  });
}
