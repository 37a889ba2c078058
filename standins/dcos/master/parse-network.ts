import type { AppContainer, AppNetwork, DockerImage, PortDefinition, PortMapping } from "./app";
import type { Fields } from "./fields";

/** What an app that says nothing about ports has: one. */
const defaultName = "default";

const portProtocols = ["tcp", "udp", "udp,tcp"] as const;
const highestPort = 65_535;

export interface Networking {
  readonly networks: readonly AppNetwork[];
  readonly container?: AppContainer;
  readonly portDefinitions?: readonly PortDefinition[];
  readonly requirePorts: boolean;
}

/**
 * Networks, container and ports of an app in the form of Marathon 1.5, with the defaults that follow from one
 * another: container networks have port mappings and no definitions, host networking has it the other way round,
 * and what does not apply is dropped.
 * @param defaultNetwork for a container network without a name; undefined refuses it
 */
export function parseNetworking(fields: Fields, defaultNetwork: string | undefined): Networking {
  const networks = parseNetworks(fields, defaultNetwork);
  const onHost = networks.every(({ mode }) => mode === "host");
  const definitions = fields.has("portDefinitions") ? parseDefinitions(fields) : undefined;
  const container = parseContainer(fields, networks, definitions?.length ?? 0);
  const requirePorts = fields.boolean("requirePorts", false);
  if (!onHost) return { networks, container, requirePorts: false };
  const { portMappings, ...rest } = container;
  return {
    networks,
    ...(fields.has("container") ? { container: rest } : {}),
    portDefinitions: definitions ?? [{ port: 0, protocol: "tcp", name: defaultName, labels: {} }],
    requirePorts,
  };
}

function parseNetworks(fields: Fields, fallback: string | undefined): readonly AppNetwork[] {
  const networks = fields.objects("networks").map((network): AppNetwork => {
    network.only(["mode", "name", "labels"]);
    const mode = network.oneOf("mode", ["container", "container/bridge", "host"], "container");
    const name = network.text("name");
    if (mode !== "container") {
      if (name !== undefined) network.bad("name", `a network of mode ${mode} has no name`);
      return mode === "host" ? { mode } : { mode, labels: network.textMap("labels") };
    }
    const used = name ?? fallback;
    if (used === undefined) network.bad("name", "is missing; the stand-in has no default network");
    return { mode, name: used ?? "", labels: network.textMap("labels") };
  });
  if (networks.length > 1) fields.bad("networks", "the stand-in joins one network for each app");
  return networks.length === 0 ? [{ mode: "host" }] : networks;
}

/** @param least how many ports the app has asked for in another place */
function parseContainer(
  fields: Fields,
  networks: readonly AppNetwork[],
  least: number,
): AppContainer {
  const container = fields.object("container");
  const bridged = networks.some(({ mode }) => mode === "container/bridge");
  const given = container?.has("portMappings") === true;
  const mappings = (container?.objects("portMappings") ?? []).map((mapping) =>
    parseMapping(mapping, bridged),
  );
  const one: PortMapping = {
    containerPort: 0,
    ...(bridged ? { hostPort: 0 } : {}),
    servicePort: 0,
    protocol: "tcp",
    labels: {},
  };
  const filled = given ? mappings : [{ ...one, name: defaultName }];
  const more = Array.from({ length: Math.max(0, least - filled.length) }, () => one);
  const portMappings = [...filled, ...more];
  if (container === undefined) return { type: "MESOS", volumes: [], portMappings };
  container.only(["type", "docker", "portMappings", "volumes"]);
  if (container.objects("volumes").length > 0) {
    container.bad("volumes", "must be empty: the stand-in mounts nothing");
  }
  const type = container.oneOf("type", ["DOCKER", "MESOS"], "DOCKER");
  const docker = parseDocker(container);
  if (type === "DOCKER" && docker === undefined) container.bad("docker", "is missing");
  return { type, ...(docker === undefined ? {} : { docker }), volumes: [], portMappings };
}

function parseDocker(container: Fields): DockerImage | undefined {
  const docker = container.object("docker");
  if (docker === undefined) return undefined;
  docker.only(["image", "forcePullImage", "privileged", "parameters"]);
  const image = docker.text("image") ?? "";
  if (image === "") docker.bad("image", "is missing");
  return {
    image,
    forcePullImage: docker.boolean("forcePullImage", false),
    privileged: docker.boolean("privileged", false),
    parameters: docker.objects("parameters").map((parameter) => {
      parameter.only(["key", "value"]);
      return { key: parameter.text("key") ?? "", value: parameter.text("value") ?? "" };
    }),
  };
}

function parseMapping(mapping: Fields, bridged: boolean): PortMapping {
  mapping.only(["containerPort", "hostPort", "servicePort", "protocol", "name", "labels"]);
  const name = mapping.text("name");
  return {
    containerPort: port(mapping, "containerPort"),
    ...(mapping.has("hostPort") || bridged ? { hostPort: port(mapping, "hostPort") } : {}),
    servicePort: port(mapping, "servicePort"),
    protocol: mapping.oneOf("protocol", portProtocols, "tcp"),
    ...(name === undefined ? {} : { name }),
    labels: mapping.textMap("labels"),
  };
}

function parseDefinitions(fields: Fields): readonly PortDefinition[] {
  return fields.objects("portDefinitions").map((definition) => {
    definition.only(["port", "protocol", "name", "labels"]);
    const name = definition.text("name");
    return {
      port: port(definition, "port"),
      protocol: definition.oneOf("protocol", portProtocols, "tcp"),
      ...(name === undefined ? {} : { name }),
      labels: definition.textMap("labels"),
    };
  });
}

function port(fields: Fields, name: string): number {
  const value = fields.number(name, 0, 0, true);
  if (value > highestPort) fields.bad(name, `must be at most ${highestPort}, got ${value}`);
  return value;
}
