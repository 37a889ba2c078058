import type { RouterState } from "../components/ask/router";
import { containedIn } from "../util/ranges";

/** A running router as a configuration would have it. */
export interface AdoptedRouter {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly address: string;
  /** Its AS, as far as its sessions tell it. */
  readonly asn?: number;
  /** By field, what was not sure. */
  readonly unsure: Readonly<Record<string, string>>;
}

export interface RouterPlace {
  readonly kind: string;
  readonly address: string;
  readonly dockerHost?: string;
}

/** What a router's sessions say of it. A neighbour that is its client is in its own AS (RFC 4456). */
export function adoptedRouter(place: RouterPlace, state: RouterState): AdoptedRouter {
  const { kind, address, dockerHost } = place;
  const clients = Object.values(state.neighbors).filter(({ clusterId }) => clusterId !== undefined);
  const [client] = clients;
  const cluster = client?.clusterId;
  return {
    fields: {
      ...{ kind, address },
      ...(cluster === undefined || cluster === address ? {} : { clusterId: cluster }),
      ...(dockerHost === undefined ? {} : { dockerHost }),
    },
    address,
    ...(client === undefined ? {} : { asn: client.asn }),
    unsure: {
      kind: "the update runs a container of its own at this address: end this daemon before, or choose another address",
      ...(client === undefined
        ? { address: "it has no client of its own AS, so its AS is not known" }
        : {}),
    },
  };
}

/** In what a running router is not what the configuration says: sessions and prefixes of nobody that was read. */
export function routerViolations(
  name: string,
  { neighbors, accepted }: RouterState,
  nodes: Readonly<Record<string, string>>,
  ranges: readonly string[],
): string[] {
  const strangers = Object.entries(neighbors).filter(([address]) => nodes[address] === undefined);
  const missing = Object.entries(nodes).filter(([address]) => neighbors[address] === undefined);
  const foreign = accepted.filter(({ prefix }) => !containedIn(ranges, prefix));
  return [
    ...strangers.map(
      ([address, { asn }]) =>
        `${name}: neighbour ${address} (AS ${asn}) is no node that was read; its session would end`,
    ),
    ...missing.map(
      ([address, node]) => `${name}: no session with ${node} (${address}); it would get one`,
    ),
    ...[...new Set(foreign.map(({ prefix }) => prefix))].map(
      (prefix) => `${name}: accepts ${prefix}, which no COE that was read has; it would be refused`,
    ),
  ];
}
