import { factsOf } from "../config/kinds";
import type { CoeConfig } from "../config/types";
import { addressAt, parseEndpoint, withPort } from "../util/net";
import type { NamesPlan } from "./types";

/** The port of DNS (RFC 1035). */
const dnsPort = 53;

/** The name servers of every engine that has any for others, by its name. */
export function namesPlan(
  coes: Readonly<Record<string, CoeConfig>>,
): Readonly<Record<string, NamesPlan>> {
  return Object.fromEntries(
    Object.entries(coes).flatMap(([name, coe]): [string, NamesPlan][] => {
      if (coe.names === undefined) return [];
      const zones = coe.names.zones ?? factsOf(coe.kind)?.names.zones ?? [];
      const servers = coe.names.servers ?? usualServers(coe);
      return [[name, { zones: [...zones].sort(), servers: servers.map(withDnsPort).sort() }]];
    }),
  );
}

function usualServers(coe: CoeConfig): string[] {
  const facts = factsOf(coe.kind);
  if (facts === undefined) return [];
  const { at } = facts.names;
  if ("service" in at)
    return coe.serviceCidr === undefined ? [] : [addressAt(coe.serviceCidr, at.service)];
  return Object.values(coe.nodes)
    .filter((node) => (node.role ?? facts.defaultRole) === at.role)
    .map((node) => node.address);
}

function withDnsPort(server: string): string {
  const { address, port = dnsPort } = parseEndpoint(server) ?? { address: server };
  return withPort(address, port);
}

/** What the name servers of one engine have to ask others for. */
export function forwardsOf(
  names: Readonly<Record<string, NamesPlan>>,
  coe: string,
): Record<string, readonly string[]> {
  const zones = Object.entries(names)
    .filter(([other]) => other !== coe)
    .flatMap(([, { zones, servers }]) =>
      zones.map((zone): [string, readonly string[]] => [zone, servers]),
    );
  return Object.fromEntries(zones.sort(([a], [b]) => (a < b ? -1 : 1)));
}
