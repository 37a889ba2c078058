/** What Docker says about a container that is there, and what of it is another than was asked for. */
import { z } from "zod";
import type { Properties, Value } from "../../../providers/base/provider";
import type { Daemon } from "./api";
import { type ContainerInputs, containerInputs } from "./container-body";

const inspected = z.object({
  Id: z.string(),
  /** With a leading slash. */
  Name: z.string(),
  RestartCount: z.number(),
  Config: z.object({
    Labels: z.record(z.string(), z.string()).nullable(),
    Tty: z.boolean().default(false),
  }),
  HostConfig: z.object({
    /** Bytes; 0 for no limit. */
    Memory: z.number().default(0),
    RestartPolicy: z.object({ Name: z.string() }).default({ Name: "" }),
  }),
  State: z.object({
    /** Also while Docker waits for the next restart. */
    Running: z.boolean(),
    Restarting: z.boolean(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    Status: z.string(),
  }),
  NetworkSettings: z.object({
    Networks: z.record(
      z.string(),
      z.object({
        NetworkID: z.string().default(""),
        Gateway: z.string().default(""),
        IPAddress: z.string().default(""),
        IPPrefixLen: z.number().default(0),
        MacAddress: z.string().default(""),
      }),
    ),
  }),
});
export type Inspected = z.infer<typeof inspected>;

/** A container by id or name; undefined when there is none. */
export async function inspect(daemon: Daemon, id: string): Promise<Inspected | undefined> {
  const path = `/containers/${encodeURIComponent(id)}/json`;
  const found = await daemon.find({ method: "GET", path });
  return found === undefined ? undefined : inspected.parse(found);
}

/** The one of just this name; Docker itself takes the beginning of an id for a name, too. */
export async function byName(daemon: Daemon, name: string): Promise<Inspected | undefined> {
  const found = await inspect(daemon, name);
  return found?.Name === `/${name}` ? found : undefined;
}

/** @param container undefined for one that ended and removed itself */
export function outputsOf(container: Inspected | undefined): Properties {
  const networks = Object.entries(container?.NetworkSettings.Networks ?? {}).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    bridge: "",
    containerLogs: "",
    exitCode: container?.State.ExitCode ?? 0,
    networkDatas: networks.map(([networkName, network]) => ({
      networkName,
      gateway: network.Gateway,
      ipAddress: network.IPAddress,
      ipPrefixLength: network.IPPrefixLen,
      macAddress: network.MacAddress,
      globalIpv6Address: "",
      globalIpv6PrefixLength: 0,
      ipv6Gateway: "",
    })),
  };
}

/**
 * The inputs that would make the container as it was found. What is another than asked for leads the next update to
 * mend it: in place where it was stopped or its limits were changed, by a new container where it lost a network.
 */
export function inputsOf(found: Inspected, recorded: Properties): Properties {
  const wanted = containerInputs.partial().safeParse(recorded).data ?? {};
  const inputs: Record<string, Value> = { ...recorded };
  if (!found.State.Running && shouldRun(wanted)) inputs.mustRun = false;

  const restart = found.HostConfig.RestartPolicy.Name || "no";
  if (restart !== (wanted.restart ?? "no")) inputs.restart = restart;

  const memory = Math.floor(found.HostConfig.Memory / 1024 / 1024);
  // On a machine that cannot limit memory Docker leaves the limit out.
  if (memory !== 0 && memory !== (wanted.memory ?? 0)) inputs.memory = memory;

  const there = Object.entries(found.NetworkSettings.Networks).flatMap(([name, network]) => [
    name,
    network.NetworkID,
  ]);
  const networks = wanted.networksAdvanced ?? [];
  const lost = networks.map(({ name }) => !there.includes(name));
  const recordedNetworks = recorded.networksAdvanced;
  if (lost.includes(true) && Array.isArray(recordedNetworks))
    inputs.networksAdvanced = recordedNetworks.filter((_, index) => lost[index] === false);
  return inputs;
}

/** Whether a container that has ended has to be started again. */
export function shouldRun(inputs: Pick<Partial<ContainerInputs>, "start" | "mustRun">): boolean {
  return inputs.start !== false && inputs.mustRun !== false;
}

/** The last lines that a container wrote, for an error. */
export async function lastLines(daemon: Daemon, container: Inspected): Promise<string> {
  const query = { stdout: "1", stderr: "1", tail: "5" };
  const path = `/containers/${container.Id}/logs`;
  try {
    const log = await daemon.bytes({ method: "GET", path, query });
    const text = (container.Config.Tty ? log : withoutHeaders(log)).toString("utf8");
    return text.trim() || "nothing";
  } catch (error) {
    return `(its log cannot be read: ${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Without a terminal both streams come as one, in frames with a header of eight bytes; the last four are the size. */
export function withoutHeaders(log: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts);
}
