import { contains, type Family, familyOf } from "../../util/net";
import type { Network, Router, SessionSide } from "./network";
import type { Reach } from "./path";
import { type RouterTraits, standardTraits, type Traits } from "./traits";

/** A session as one of its ends sees it. */
export interface Adjacency {
  readonly session: string;
  readonly own: SessionSide;
  readonly other: SessionSide;
  readonly external: boolean;
  /** The family of the prefixes that it carries. Absent: that of any. */
  readonly family?: Family;
  /** The segment that both ends are on; undefined where the session crosses segments. */
  readonly segment?: string;
}

/** A router with what the model asks for again and again. */
export interface Speaker {
  readonly id: string;
  readonly router: Router;
  readonly traits: RouterTraits;
  /** Its sessions that come up, by name. */
  readonly adjacencies: readonly Adjacency[];
}

export interface Topology {
  readonly network: Network;
  /** By id, sorted. */
  readonly speakers: ReadonlyMap<string, Speaker>;
  /** Sessions that do not come up, and why. */
  readonly down: readonly { readonly session: string; readonly reason: string }[];
}

/** @throws Error when a session names a router that is not there */
export function topologyOf(network: Network, traits: Traits): Topology {
  const adjacencies = new Map<string, Adjacency[]>(
    Object.keys(network.routers).map((id) => [id, []]),
  );
  const down: { session: string; reason: string }[] = [];
  for (const session of Object.keys(network.sessions).sort()) {
    const { a, b, family } = network.sessions[session] ?? {};
    if (a === undefined || b === undefined) continue;
    const external = routerOf(network, a).asn !== routerOf(network, b).asn;
    const segment = commonSegment(network, a, b);
    const reason = segment === undefined ? downReason(network, a, b, external) : undefined;
    if (reason !== undefined) {
      down.push({ session, reason });
      continue;
    }
    const shared = {
      session,
      external,
      ...(family === undefined ? {} : { family }),
      ...(segment === undefined ? {} : { segment }),
    };
    adjacencies.get(a.router)?.push({ ...shared, own: a, other: b });
    adjacencies.get(b.router)?.push({ ...shared, own: b, other: a });
  }
  const speakers = Object.keys(network.routers)
    .sort()
    .map((id): [string, Speaker] => {
      const router = routerOf(network, { router: id });
      const own = traits[router.kind] ?? standardTraits;
      return [id, { id, router, traits: own, adjacencies: adjacencies.get(id) ?? [] }];
    });
  return { network, speakers: new Map(speakers), down };
}

export function routerOf(network: Network, side: Pick<SessionSide, "router">): Router {
  const router = network.routers[side.router];
  if (router === undefined) throw new Error(`no router ${side.router} in the network`);
  return router;
}

function commonSegment(network: Network, a: SessionSide, b: SessionSide): string | undefined {
  const linkOf = (side: SessionSide) =>
    routerOf(network, side).links.find(({ address }) => address === side.address);
  const segment = linkOf(a)?.segment;
  return segment === linkOf(b)?.segment ? segment : undefined;
}

/** Between segments packets pass routers, so that the ends have to be routed and, in two ASs, to expect it. */
function downReason(
  network: Network,
  a: SessionSide,
  b: SessionSide,
  external: boolean,
): string | undefined {
  for (const [side, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (routerOf(network, side).gateway === undefined)
      return `${side.router} has no route to ${other.address}`;
    if (external && side.multihop !== true)
      return `${side.router} takes ${other.router}, in another AS, for one hop away, and it is not`;
  }
  return undefined;
}

/** The segment of a session in which the router takes the neighbour for one hop away: to another AS, unless it is told. */
export function oneHopSegment(
  { traits }: Pick<Speaker, "traits">,
  { own, external, segment }: Adjacency,
): string | undefined {
  return external && own.multihop !== true && !traits.alwaysMultihop ? segment : undefined;
}

/** How a router reaches an address: the address that it sends packets to, on a segment of its own. */
export interface Way {
  readonly reach: Reach;
  readonly gateway: string;
  readonly segment?: string;
}

/** @returns undefined where the router has no route to the address */
export function wayTo(
  network: Network,
  { links, gateway: usual, gateway6 = usual }: Router,
  address: string,
): Way | undefined {
  const on = (segment: string, one: string) => {
    const range = network.segments[segment];
    return range !== undefined && contains(range, one);
  };
  const link = links.find(({ segment }) => on(segment, address));
  if (link !== undefined) return { reach: "connected", gateway: address, segment: link.segment };
  const gateway = familyOf(address) === 6 ? gateway6 : usual;
  const known = Object.keys(network.segments).some((segment) => on(segment, address));
  if (gateway === undefined || !known) return undefined;
  const exit = links.find(({ segment }) => on(segment, gateway));
  return { reach: "routed", gateway, ...(exit === undefined ? {} : { segment: exit.segment }) };
}
