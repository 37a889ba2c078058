/** A container's inputs, and the API's description of a container that follows from them. */
import { z } from "zod";
import { labelList, labelMap } from "./labels";

const texts = z.array(z.string());
const textMap = z.record(z.string(), z.string());

export const containerInputs = z.strictObject({
  name: z.string(),
  image: z.string().min(1),
  capabilities: z.strictObject({ adds: texts.optional(), drops: texts.optional() }).optional(),
  cgroupnsMode: z.enum(["private", "host"]).optional(),
  command: texts.optional(),
  cpuShares: z.int().min(0).optional(),
  destroyGraceSeconds: z.int().min(0).optional(),
  dns: texts.optional(),
  domainname: z.string().optional(),
  entrypoints: texts.optional(),
  envs: texts.optional(),
  hostname: z.string().optional(),
  hosts: z.array(z.strictObject({ host: z.string(), ip: z.string() })).optional(),
  init: z.boolean().optional(),
  labels: labelList.optional(),
  logDriver: z.string().optional(),
  logOpts: textMap.optional(),
  memory: z.int().min(0).optional(),
  mounts: z
    .array(
      z.strictObject({
        type: z.enum(["bind", "volume", "tmpfs"]),
        target: z.string(),
        source: z.string().optional(),
        readOnly: z.boolean().optional(),
        bindOptions: z.strictObject({ propagation: z.string().optional() }).optional(),
        tmpfsOptions: z
          .strictObject({
            /** As a decimal number: Docker's API knows no octal ones. */
            mode: z.int().min(0).optional(),
            sizeBytes: z.int().min(0).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  mustRun: z.boolean().optional(),
  networkMode: z.string().optional(),
  networksAdvanced: z
    .array(
      z.strictObject({
        name: z.string(),
        aliases: texts.optional(),
        ipv4Address: z.string().optional(),
        ipv6Address: z.string().optional(),
      }),
    )
    .optional(),
  ports: z
    .array(
      z.strictObject({
        internal: z.int().min(1).max(65535),
        external: z.int().min(1).max(65535).optional(),
        ip: z.string().optional(),
        protocol: z.enum(["tcp", "udp", "sctp"]).optional(),
      }),
    )
    .optional(),
  privileged: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  removeVolumes: z.boolean().optional(),
  restart: z.enum(["no", "always", "unless-stopped", "on-failure"]).optional(),
  rm: z.boolean().optional(),
  runtime: z.string().optional(),
  securityOpts: texts.optional(),
  start: z.boolean().optional(),
  stdinOpen: z.boolean().optional(),
  stopSignal: z.string().optional(),
  stopTimeout: z.int().min(0).optional(),
  sysctls: textMap.optional(),
  tmpfs: textMap.optional(),
  tty: z.boolean().optional(),
  user: z.string().optional(),
  volumes: z
    .array(
      z.strictObject({
        containerPath: z.string(),
        hostPath: z.string().optional(),
        volumeName: z.string().optional(),
        readOnly: z.boolean().optional(),
      }),
    )
    .optional(),
  workingDir: z.string().optional(),
});

export type ContainerInputs = z.infer<typeof containerInputs>;

/** Lists whose order means nothing to Docker. */
export const unordered = [
  ...["capabilities.adds", "capabilities.drops", "envs", "hosts", "labels", "mounts"],
  ...["networksAdvanced", "ports", "securityOpts", "volumes"],
];

/** Inputs that only say what this plugin does, at the next opportunity. */
const behaviour = ["destroyGraceSeconds", "mustRun", "removeVolumes", "start"];

/** Whether a container takes a changed input over while it runs; all others make a new one. */
export function isInPlace(property: string, newer: unknown): boolean {
  if (property === "restart" || behaviour.includes(property)) return true;
  // A limit can be set and changed, but to Docker an update to none means no change.
  return (property === "memory" || property === "cpuShares") && newer !== undefined && newer !== 0;
}

/** The body of `POST /containers/create`. */
export function containerBody(inputs: ContainerInputs, urn: string): Record<string, unknown> {
  const [first] = inputs.networksAdvanced ?? [];
  const ports = inputs.ports ?? [];
  return defined({
    Image: inputs.image,
    Cmd: inputs.command,
    Entrypoint: inputs.entrypoints,
    Env: inputs.envs,
    Hostname: inputs.hostname,
    Domainname: inputs.domainname,
    User: inputs.user,
    WorkingDir: inputs.workingDir,
    Tty: inputs.tty,
    OpenStdin: inputs.stdinOpen,
    StopSignal: inputs.stopSignal,
    StopTimeout: inputs.stopTimeout,
    Labels: labelMap(inputs.labels, urn),
    ExposedPorts: ports.length === 0 ? undefined : keyed(ports, portKey, () => ({})),
    Volumes: anonymousVolumes(inputs),
    HostConfig: hostConfig(inputs),
    NetworkingConfig:
      first === undefined
        ? undefined
        : { EndpointsConfig: { [first.name]: endpointConfig(first) } },
  });
}

function hostConfig(inputs: ContainerInputs): Record<string, unknown> {
  const [first] = inputs.networksAdvanced ?? [];
  return defined({
    AutoRemove: inputs.rm,
    Binds: namedVolumes(inputs),
    CapAdd: inputs.capabilities?.adds,
    CapDrop: inputs.capabilities?.drops,
    CgroupnsMode: inputs.cgroupnsMode,
    Dns: inputs.dns,
    ExtraHosts: inputs.hosts?.map(({ host, ip }) => `${host}:${ip}`),
    Init: inputs.init,
    LogConfig: logConfig(inputs),
    Mounts: inputs.mounts?.map((mount) =>
      defined({
        Type: mount.type,
        Target: mount.target,
        Source: mount.source,
        ReadOnly: mount.readOnly,
        BindOptions: mount.bindOptions && defined({ Propagation: mount.bindOptions.propagation }),
        TmpfsOptions:
          mount.tmpfsOptions &&
          defined({ Mode: mount.tmpfsOptions.mode, SizeBytes: mount.tmpfsOptions.sizeBytes }),
      }),
    ),
    NetworkMode: inputs.networkMode ?? first?.name,
    PortBindings: inputs.ports === undefined ? undefined : portBindings(inputs.ports),
    Privileged: inputs.privileged,
    ReadonlyRootfs: inputs.readOnly,
    Runtime: inputs.runtime,
    SecurityOpt: inputs.securityOpts,
    Sysctls: inputs.sysctls,
    Tmpfs: inputs.tmpfs,
    CpuShares: inputs.cpuShares,
    Memory: bytes(inputs.memory),
    RestartPolicy: inputs.restart === undefined ? undefined : { Name: inputs.restart },
  });
}

/** Docker takes options for its default driver, too, but only by that driver's name. */
function logConfig({ logDriver, logOpts }: ContainerInputs): Record<string, unknown> | undefined {
  if (logDriver === undefined && logOpts === undefined) return undefined;
  return defined({ Type: logDriver ?? "json-file", Config: logOpts });
}

/** The body of `POST /containers/{id}/update`: the inputs that {@link isInPlace} lets through. */
export function updateBody(inputs: ContainerInputs): Record<string, unknown> {
  const memory = bytes(inputs.memory);
  return defined({
    CpuShares: inputs.cpuShares,
    Memory: memory,
    // What a new container gets by default. Without it the limit could not be raised above the one before.
    MemorySwap: memory === undefined || memory === 0 ? undefined : 2 * memory,
    RestartPolicy: { Name: inputs.restart ?? "no" },
  });
}

/** Docker counts memory in bytes, the SDK in MiB. */
function bytes(mebibytes: number | undefined): number | undefined {
  return mebibytes === undefined ? undefined : mebibytes * 1024 * 1024;
}

type Network = NonNullable<ContainerInputs["networksAdvanced"]>[number];

export function endpointConfig(network: Network): Record<string, unknown> {
  const { aliases, ipv4Address, ipv6Address } = network;
  const none = ipv4Address === undefined && ipv6Address === undefined;
  return defined({
    Aliases: aliases,
    IPAMConfig: none ? undefined : defined({ IPv4Address: ipv4Address, IPv6Address: ipv6Address }),
  });
}

type Port = NonNullable<ContainerInputs["ports"]>[number];

function portKey(port: Port): string {
  return `${port.internal}/${port.protocol ?? "tcp"}`;
}

/** One port of the container can be reached by several of the host. */
function portBindings(ports: readonly Port[]): Record<string, unknown> {
  return keyed(ports, portKey, (port) =>
    ports
      .filter((other) => portKey(other) === portKey(port))
      .map(({ ip, external }) => ({ HostIp: ip ?? "", HostPort: external?.toString() ?? "" })),
  );
}

function anonymousVolumes({ volumes = [] }: ContainerInputs): Record<string, unknown> | undefined {
  const found = volumes.filter((one) => one.hostPath === undefined && one.volumeName === undefined);
  return found.length === 0
    ? undefined
    : keyed(
        found,
        (one) => one.containerPath,
        () => ({}),
      );
}

function namedVolumes({ volumes = [] }: ContainerInputs): string[] | undefined {
  const binds = volumes.flatMap(({ containerPath, hostPath, volumeName, readOnly }) => {
    const source = hostPath ?? volumeName;
    return source === undefined ? [] : [`${source}:${containerPath}${readOnly ? ":ro" : ""}`];
  });
  return binds.length === 0 ? undefined : binds;
}

function keyed<T, U>(items: readonly T[], key: (item: T) => string, value: (item: T) => U) {
  return Object.fromEntries(items.map((item) => [key(item), value(item)]));
}

function defined(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
