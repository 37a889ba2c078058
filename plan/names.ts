import { type CoeKind, type CoeKinds, kindOf } from "../config/kind";
import type { CoeConfig } from "../config/types";
import { addressAt, type Family, familyOf, parseEndpoint, withPort } from "../util/net";
import { listOf } from "../util/ranges";
import type { NamesPlan } from "./types";

/** The port of DNS (RFC 1035). */
const dnsPort = 53;

/** The name servers of every COE that has any for others, by its name. */
export function namesPlan(
  coes: Readonly<Record<string, CoeConfig>>,
  kinds: CoeKinds,
): Readonly<Record<string, NamesPlan>> {
  return Object.fromEntries(
    Object.entries(coes).flatMap(([name, coe]): [string, NamesPlan][] => {
      if (coe.names === undefined) return [];
      const kind = kindOf(kinds, coe.kind);
      const zones = coe.names.zones ?? kind?.names.zones ?? [];
      const servers = coe.names.servers ?? usualServers(coe, kind);
      return [[name, { zones: [...zones].sort(), servers: servers.map(withDnsPort).sort() }]];
    }),
  );
}

function usualServers(coe: CoeConfig, kind: CoeKind | undefined): string[] {
  if (kind?.names.at === undefined) return [];
  const { at } = kind.names;
  // A name server has one address as a rule, of the family that the cluster was made with: the first.
  const [first] = listOf(coe.serviceCidr);
  if ("service" in at) return first === undefined ? [] : [addressAt(first, at.service)];
  return Object.values(coe.nodes)
    .filter((node) => (node.role ?? kind.defaultRole) === at.role)
    .map((node) => node.address);
}

function withDnsPort(server: string): string {
  const { address, port = dnsPort } = parseEndpoint(server) ?? { address: server };
  return withPort(address, port);
}

/** What the name servers of one COE have to ask others for. @param families of its containers, and so of those it reaches */
export function forwardsOf(
  names: Readonly<Record<string, NamesPlan>>,
  coe: string,
  families: readonly Family[],
): Record<string, readonly string[]> {
  const zones = Object.entries(names)
    .filter(([other]) => other !== coe)
    .flatMap(([, { zones, servers }]) => {
      const reached = servers.filter((server) => {
        const family = familyOf(parseEndpoint(server)?.address ?? "");
        return family === undefined || families.includes(family);
      });
      return reached.length === 0
        ? []
        : zones.map((zone): [string, readonly string[]] => [zone, reached]);
    });
  return Object.fromEntries(zones.sort(([a], [b]) => (a < b ? -1 : 1)));
}
