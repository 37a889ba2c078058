/**
 * Configuration of the two programs that stand in for DC/OS in the lab, as JSON files; schedulers are started by them, as
 * apps of Marathon:
 *
 *     node dist/standins/dcos/master.js /etc/lab/dcos-master.json     (MasterConfig)
 *     node dist/standins/dcos/agent.js  /etc/lab/dcos-agent.json      (AgentConfig)
 *
 * Both run on Node 18 or later, stay in the foreground, log to standard error and end on SIGTERM. The master needs the
 * packages that render and check Cosmos' packages, the agent nothing but Node's own modules. The agent's unit needs
 * `KillMode=process`: tasks are children of the agent, keep running while it restarts, and are found again by their
 * process id. It runs as root and needs on its PATH `ip`, `nsenter`, `setpriv`, `sh`, and `curl` for health checks by
 * HTTP.
 */

import { SeamlessError } from "../../util/errors";
import { isRecord } from "../../util/json";
import { readConfigFile } from "../common/config-file";
import type { Listen } from "../common/http";

export interface MasterConfig {
  /** Where Marathon's API is served; on DC/OS port 8080 of the master. */
  readonly marathon: Listen;
  /** Where agents report to; on DC/OS port 5050, the Mesos master's. */
  readonly mesos: Listen;
  /** Folder for apps, tasks and deployments, so that a restart keeps them. Made when missing. */
  readonly stateDir: string;
  /** Where users reach the cluster; on DC/OS port 80 of the master, or 443 with TLS. Not served by default. */
  readonly adminRouter?: AdminRouterConfig;
  /** Where tests ask for faults, as `standins/dcos/router/faults.ts` says. Not served by default. */
  readonly faults?: Listen;
  /** Seconds without a report until an agent counts as lost and its tasks are started elsewhere. Default 75, as in Mesos. */
  readonly agentTimeoutSeconds?: number;
}

export interface AdminRouterConfig extends Listen {
  /** Paths of files in PEM. Default: no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Who may come in. Default: everyone, and no login. */
  readonly auth?: AuthConfig;
  /** The release of DC/OS that the cluster says it is. Default `2.0.6`. */
  readonly version?: string;
  /** Seconds between looks for services. Default 25, as in DC/OS. */
  readonly pollSeconds?: number;
}

export interface AuthConfig {
  /** By uid. */
  readonly users: Readonly<Record<string, User>>;
  /** Default: five days. */
  readonly tokenLifetimeSeconds?: number;
  /** What a refusal asks for in `WWW-Authenticate`. Default `oauthjwt`, as in open DC/OS. */
  readonly challenge?: "oauthjwt" | "acsjwt";
}

export interface User {
  /** Of a person: `scrypt:<salt>:<hash>`, both in base64. */
  readonly passwordHash?: string;
  /** Of a service account: PEM of the RSA key that belongs to the one it signs its tokens with. */
  readonly publicKey?: string;
  /** May log in and is then refused everything, with 403. Default false. */
  readonly forbidden?: boolean;
}

export interface AgentConfig {
  /** Node name of the plan; also Calico's node name. */
  readonly name: string;
  /** Address of the node. As on DC/OS it is also the agent's `hostname` and the `host` of its tasks. */
  readonly address: string;
  /** `private`: resources of role `*`; `public`: of role `slave_public`, with the attribute `public_ip:true`. */
  readonly role: "private" | "public";
  /** Base URL of the master's `mesos` address, for instance `http://172.16.18.42:5050`. */
  readonly master: string;
  /** Folder for task records and sandboxes; must outlive a restart of the host. Made when missing. */
  readonly workDir: string;
  /** Folder of CNI network configurations, all files of it are read; the flag `network_cni_config_dir` of Mesos. */
  readonly cniConfigDir: string;
  /** Folder of CNI plugins; the flag `network_cni_plugins_dir` of Mesos. Default `/opt/cni/bin`. */
  readonly cniPluginsDir?: string;
  /** What the agent offers. Default 4 CPUs and 4096 MiB. */
  readonly resources?: Resources;
  /**
   * What a container image runs, as an argument vector of a program of the host: by the image's repository without
   * its tag. An image that is not named here cannot be pulled. Default none.
   */
  readonly images?: Readonly<Record<string, readonly string[]>>;
  /** Host ports that tasks are given where they name none. Default 31000 to 32000. */
  readonly ports?: PortRange;
}

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface Resources {
  readonly cpus: number;
  /** MiB. */
  readonly mem: number;
}

function fields(path: string, record: Record<string, unknown>) {
  const bad = (name: string, wanted: string): SeamlessError =>
    new SeamlessError(
      `${path}: ${name} is ${JSON.stringify(record[name]) ?? "missing"}, expected ${wanted}`,
      2,
    );
  return {
    bad,
    record,
    text(name: string): string {
      const value = record[name];
      if (typeof value !== "string" || value === "") throw bad(name, "a text");
      return value;
    },
    listen(name: string): Listen {
      const value = record[name];
      if (!isRecord(value) || typeof value.address !== "string" || typeof value.port !== "number")
        throw bad(name, '{"address": "0.0.0.0", "port": 8080}');
      return { address: value.address, port: value.port };
    },
  };
}

/** @throws SeamlessError that names the file and the field. */
export function readMasterConfig(path: string | undefined): MasterConfig {
  const record = readConfigFile(path);
  const field = fields(String(path), record);
  const timeout = record.agentTimeoutSeconds;
  if (timeout !== undefined && typeof timeout !== "number")
    throw field.bad("agentTimeoutSeconds", "a number of seconds");
  const adminRouter = record.adminRouter === undefined ? undefined : readRouter(field);
  return {
    marathon: field.listen("marathon"),
    mesos: field.listen("mesos"),
    stateDir: field.text("stateDir"),
    ...(adminRouter === undefined ? {} : { adminRouter }),
    ...(record.faults === undefined ? {} : { faults: field.listen("faults") }),
    ...(timeout === undefined ? {} : { agentTimeoutSeconds: timeout }),
  };
}

function readRouter(field: ReturnType<typeof fields>): AdminRouterConfig {
  const { record, bad } = field;
  const router = isRecord(record.adminRouter) ? record.adminRouter : {};
  const { tls, auth, version, pollSeconds } = router;
  if (tls !== undefined && !isTls(tls)) throw bad("adminRouter", 'tls as {"cert": "", "key": ""}');
  if (auth !== undefined && !isAuth(auth)) {
    throw bad(
      "adminRouter",
      'auth as {"users": {"<uid>": {"passwordHash": "", "publicKey": ""}}, "tokenLifetimeSeconds": 432000, "challenge": "oauthjwt"}',
    );
  }
  if (version !== undefined && typeof version !== "string") {
    throw bad("adminRouter", "version as a text");
  }
  if (pollSeconds !== undefined && typeof pollSeconds !== "number") {
    throw bad("adminRouter", "pollSeconds as a number");
  }
  return {
    ...field.listen("adminRouter"),
    ...(tls === undefined ? {} : { tls }),
    ...(auth === undefined ? {} : { auth }),
    ...(version === undefined ? {} : { version }),
    ...(pollSeconds === undefined ? {} : { pollSeconds }),
  };
}

function isTls(value: unknown): value is { readonly cert: string; readonly key: string } {
  return isRecord(value) && typeof value.cert === "string" && typeof value.key === "string";
}

function isAuth(value: unknown): value is AuthConfig {
  const text = (one: unknown) => one === undefined || typeof one === "string";
  return (
    isRecord(value) &&
    isRecord(value.users) &&
    Object.values(value.users).every(
      (user) => isRecord(user) && text(user.passwordHash) && text(user.publicKey),
    ) &&
    ["undefined", "number"].includes(typeof value.tokenLifetimeSeconds) &&
    [undefined, "oauthjwt", "acsjwt"].some((one) => one === value.challenge)
  );
}

/** @throws SeamlessError that names the file and the field. */
export function readAgentConfig(path: string | undefined): AgentConfig {
  const record = readConfigFile(path);
  const field = fields(String(path), record);
  const { role, resources, ports, cniPluginsDir, images } = record;
  if (role !== "private" && role !== "public") throw field.bad("role", '"private" or "public"');
  if (cniPluginsDir !== undefined && typeof cniPluginsDir !== "string")
    throw field.bad("cniPluginsDir", "a folder");
  if (resources !== undefined && !isResources(resources))
    throw field.bad("resources", '{"cpus": 4, "mem": 4096}');
  if (images !== undefined && !isImages(images))
    throw field.bad("images", '{"<repository>": ["<program>", "<argument>"]}');
  if (ports !== undefined && !isPortRange(ports))
    throw field.bad("ports", '{"first": 31000, "last": 32000}');
  return {
    name: field.text("name"),
    address: field.text("address"),
    role,
    master: field.text("master"),
    workDir: field.text("workDir"),
    cniConfigDir: field.text("cniConfigDir"),
    ...(cniPluginsDir === undefined ? {} : { cniPluginsDir }),
    ...(resources === undefined ? {} : { resources }),
    ...(images === undefined ? {} : { images }),
    ...(ports === undefined ? {} : { ports }),
  };
}

function isImages(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (argv) =>
        Array.isArray(argv) && argv.length > 0 && argv.every((part) => typeof part === "string"),
    )
  );
}

function isResources(value: unknown): value is Resources {
  return isRecord(value) && typeof value.cpus === "number" && typeof value.mem === "number";
}

export function isPortRange(value: unknown): value is PortRange {
  return isRecord(value) && typeof value.first === "number" && typeof value.last === "number";
}
