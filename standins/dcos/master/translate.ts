import { isRecord } from "../../../util/json";
import type { AppDefinition, Problem } from "./app";
import { Fields } from "./fields";

type Raw = Readonly<Record<string, unknown>>;

/**
 * Takes an app, or a part of one as it comes with an update, from the forms of Marathon 1.4 and before to those of
 * 1.5 and later, and leaves the rest as it is (Marathon 1.5: "Networking", upgrading from 1.4):
 * `ipAddress` and `container.docker.network` become `networks`; `container.docker.portMappings` and
 * `ipAddress.discovery.ports` become `container.portMappings`; `ports` become `portDefinitions`; `uris` are `fetch`.
 */
export function translate(raw: Raw, problems: Problem[]): Raw {
  const { ipAddress, ports, uris, fetch, ...rest } = raw;
  const fields = new Fields(raw, "", problems);
  const address = fields.object("ipAddress");
  address?.only(["networkName", "labels", "groups", "discovery"]);
  const networks = translatedNetworks(fields, address);
  const container = translatedContainer(fields, address);
  const definitions = translatedPorts(fields);
  const fetched = fetch ?? translatedUris(fields);
  return {
    ...rest,
    ...(networks === undefined ? {} : { networks }),
    ...(container === undefined ? {} : { container }),
    ...(definitions === undefined ? {} : { portDefinitions: definitions }),
    ...(fetched === undefined ? {} : { fetch: fetched }),
  };
}

/**
 * An app with the fields of an update in place of its own. Ports of the old networking go with it, unless the
 * update names others.
 */
export function update(old: AppDefinition, raw: Raw, problems: Problem[]): Raw {
  const next = translate(raw, problems);
  const { portDefinitions, ...rest } = old;
  const networks = next.networks;
  const moved =
    Array.isArray(networks) && networks.some((one) => isRecord(one) && one.mode !== "host");
  return moved ? { ...rest, ...next } : { ...old, ...next };
}

function translatedNetworks(fields: Fields, address: Fields | undefined): unknown {
  const docker = fields.object("container")?.object("docker");
  const mode = docker?.text("network");
  const named = fields.raw("networks");
  if (mode === undefined && address === undefined) return undefined;
  if (Array.isArray(named) && named.length > 0) {
    if (address !== undefined) fields.bad("ipAddress", "must be missing where there are networks");
    if (mode !== undefined) docker?.bad("network", "must be missing where there are networks");
    return named;
  }
  const labels = address?.textMap("labels") ?? {};
  switch (mode) {
    case "HOST":
      return [{ mode: "host" }];
    case "BRIDGE":
      return [{ mode: "container/bridge", labels }];
    case "USER":
    case undefined:
      return [{ mode: "container", name: address?.raw("networkName"), labels }];
    default:
      docker?.bad("network", `must be one of HOST, BRIDGE, USER, got ${mode}`);
      return undefined;
  }
}

function translatedContainer(fields: Fields, address: Fields | undefined): unknown {
  const given = fields.raw("container");
  // Before 1.5 an address of its own needed no container; it was one of Mesos.
  if (!isRecord(given) && address === undefined) return given;
  const container: Raw = isRecord(given) ? given : { type: "MESOS" };
  const found = [
    mappings(container.portMappings),
    mappings(isRecord(container.docker) ? container.docker.portMappings : undefined),
    discovered(container, address),
  ].filter((list) => list !== undefined);
  const [portMappings] = found.filter((list) => list.length > 0);
  if (found.filter((list) => list.length > 0).length > 1) {
    fields
      .object("container")
      ?.bad(
        "portMappings",
        "only one of container.portMappings, container.docker.portMappings and ipAddress.discovery.ports may be set",
      );
  }
  const list = portMappings ?? found[0];
  const { docker, ...rest } = container;
  return {
    ...rest,
    ...(isRecord(docker)
      ? { docker: withoutNetwork(docker) }
      : docker === undefined
        ? {}
        : { docker }),
    ...(list === undefined ? {} : { portMappings: list }),
  };
}

/** What is no list is left to be refused where it is. */
function mappings(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function discovered(container: Raw, address: Fields | undefined): readonly unknown[] | undefined {
  const discovery = address?.object("discovery");
  discovery?.only(["ports"]);
  const ports = discovery?.objects("ports") ?? [];
  if (ports.length === 0) return undefined;
  if (container.type !== "MESOS") {
    discovery?.bad("ports", "only a container of type MESOS has them; use container.portMappings");
    return undefined;
  }
  return ports.map((port) => {
    port.only(["number", "name", "protocol", "labels"]);
    return {
      containerPort: port.number("number", 0, 0, true),
      ...(port.has("name") ? { name: port.raw("name") } : {}),
      ...(port.has("protocol") ? { protocol: port.raw("protocol") } : {}),
      labels: port.textMap("labels"),
    };
  });
}

function withoutNetwork({ network, portMappings, ...docker }: Raw): Raw {
  return docker;
}

/** Archives are unpacked (Marathon: `FetchUri`). */
const archive = /\.(tgz|tar\.gz|tbz2|tar\.bz2|txz|tar\.xz|zip)$/;

function translatedUris(fields: Fields): unknown {
  if (!fields.has("uris")) return undefined;
  return (fields.texts("uris") ?? []).map((uri) => ({ uri, extract: archive.test(uri) }));
}

function translatedPorts(fields: Fields): unknown {
  const ports = fields.raw("ports");
  if (ports === undefined || ports === null) return undefined;
  if (fields.has("portDefinitions")) {
    // Old clients send back both, as they were shown.
    return fields.raw("portDefinitions");
  }
  if (!Array.isArray(ports)) {
    fields.bad("ports", "must be a list of numbers");
    return undefined;
  }
  return ports.map((port: unknown) => ({ port }));
}
