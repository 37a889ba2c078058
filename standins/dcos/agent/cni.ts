import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../util/errors";
import { describeFailure, exec } from "../../../util/exec";
import { isRecord } from "../../../util/json";
import type { MappedPort } from "../protocol";

/** A CNI network configuration as it is in its file. */
export type NetworkConf = Readonly<Record<string, unknown>>;

/** The container's interface, as in Mesos. */
const interfaceName = "eth0";
const pluginTimeoutMs = 60_000;
/** `portmap` is told the container's address by the result before it, which CNI knows from 0.3.0 on. */
const portmapVersion = "0.3.1";

/**
 * The configuration of a network, read anew each time so that a network added later is found.
 * @throws Error that names the networks there are, and the files that could not be read.
 */
export function findNetwork(dir: string, name: string): NetworkConf {
  const found: string[] = [];
  const broken: string[] = [];
  for (const file of readdirSync(dir).sort()) {
    try {
      const conf: unknown = JSON.parse(readFileSync(join(dir, file), "utf8"));
      if (!isRecord(conf) || typeof conf.name !== "string") throw new Error("no network name");
      if (conf.name === name) return conf;
      found.push(conf.name);
    } catch (thrown) {
      broken.push(`${file}: ${messageOf(thrown)}`);
    }
  }
  const known = found.length === 0 ? "none" : found.join(", ");
  const unread = broken.length === 0 ? "" : `; not readable: ${broken.join("; ")}`;
  throw new Error(`unknown CNI network '${name}'; networks in ${dir}: ${known}${unread}`);
}

export interface Attachment {
  readonly conf: NetworkConf;
  readonly pluginsDir: string;
  readonly containerId: string;
  /** Path of the network namespace. */
  readonly netns: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of the agent that are to lead into the namespace. */
  readonly mappedPorts: readonly MappedPort[];
}

/** Mesos' own plugin, which leads ports to the container of the network that it calls in its turn. */
const portMapper = "mesos-cni-port-mapper";

/** What Mesos' plugin for ports calls: the network that it is told to, by its own name. */
function networkOf(conf: NetworkConf): NetworkConf {
  if (conf.type !== portMapper) return conf;
  return { ...(isRecord(conf.delegate) ? conf.delegate : {}), name: conf.name };
}

function call(command: "ADD" | "DEL", attachment: Attachment): Promise<string> {
  const { labels } = attachment;
  const conf = networkOf(attachment.conf);
  // Mesos tells plugins of its own about the network in this place.
  const labelList = Object.entries(labels).map(([key, value]) => ({ key, value }));
  const networkInfo = { name: conf.name, labels: { labels: labelList } };
  const args = { "org.apache.mesos": { network_info: networkInfo } };
  return callPlugin(command, attachment, { ...conf, args });
}

/** Ports that are led anywhere: Mesos leaves that to its own plugin, and a network without it leads none. */
function ledPorts({ conf, mappedPorts }: Attachment): readonly MappedPort[] {
  return conf.type === portMapper ? mappedPorts : [];
}

/** Leads ports of the agent to ports of the container, by the plugin that every other runtime uses for it. */
function mapPorts(
  command: "ADD" | "DEL",
  attachment: Attachment,
  result: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { conf, mappedPorts } = attachment;
  return callPlugin(command, attachment, {
    cniVersion: portmapVersion,
    name: conf.name,
    type: "portmap",
    snat: true,
    runtimeConfig: { portMappings: mappedPorts },
    ...result,
  });
}

function callPlugin(
  command: "ADD" | "DEL",
  { pluginsDir, containerId, netns }: Attachment,
  conf: NetworkConf,
): Promise<string> {
  const plugin = join(pluginsDir, String(conf.type));
  const input = JSON.stringify(conf);
  const env = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns,
    CNI_IFNAME: interfaceName,
    CNI_PATH: pluginsDir,
    CNI_ARGS: "",
  };
  return exec([plugin], { input, env, timeoutMs: pluginTimeoutMs }).then((result) => {
    if (result.code === 0) return result.stdout;
    throw new Error(
      `CNI ${command}: ${pluginError(result.stdout) ?? describeFailure([plugin], result)}`,
    );
  });
}

/** Plugins report an error as JSON on standard output (CNI specification 0.3.1, "Error"). */
function pluginError(stdout: string): string | undefined {
  try {
    const value: unknown = JSON.parse(stdout);
    if (!isRecord(value) || typeof value.msg !== "string") return undefined;
    return typeof value.details === "string" ? `${value.msg}: ${value.details}` : value.msg;
  } catch {
    return undefined;
  }
}

/**
 * Joins a namespace to a network. Answers the container's address; undefined where Mesos finds none in the plugin's
 * answer: the task runs then, but nobody is told where.
 */
export async function addToNetwork(attachment: Attachment): Promise<string | undefined> {
  const address = addressOf(await call("ADD", attachment));
  if (address !== undefined && ledPorts(attachment).length > 0) {
    const version = address.includes(":") ? "6" : "4";
    const prefix = version === "4" ? 32 : 128;
    const ips = [{ version, address: `${address}/${prefix}` }];
    await mapPorts("ADD", attachment, { prevResult: { cniVersion: portmapVersion, ips } });
  }
  return address;
}

/** Takes a namespace off its network; no error when it is not on it, or when the namespace is gone. */
export async function removeFromNetwork(attachment: Attachment): Promise<void> {
  if (ledPorts(attachment).length > 0) await mapPorts("DEL", attachment, {});
  await call("DEL", attachment);
}

/**
 * The first address of a result as Mesos reads it: of `ip4` and `ip6` alone (spec.proto, NetworkInfo). What newer versions
 * of the specification say in `ips` it skips.
 */
export function addressOf(result: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(result);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const [first] = [value.ip4, value.ip6].filter(isRecord);
  return typeof first?.ip === "string" ? first.ip.split("/")[0] : undefined;
}
