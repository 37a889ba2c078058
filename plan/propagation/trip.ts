import { unknownGateway } from "./network";
import type { Outcome } from "./settle";
import { type Topology, wayTo } from "./topology";

/** How packets go from one router's network to a prefix of another. */
export interface Trip {
  /** Addresses that the packets are sent to, one after the other; the last one is the other router's. */
  readonly hops: readonly string[];
  /** Gateways on the way that are no routers of the network: they are to have routes of their own to the prefix. */
  readonly gateways: readonly string[];
  /** Why they do not arrive; absent where they do. */
  readonly end?: string;
}

/**
 * Follows packets by the routes of the routers on their way. BGP alone does not say whether they arrive: a next hop on
 * another segment is reached through a gateway, which sees the packet's own destination and goes by its own routes.
 */
export function tripOf(topology: Topology, outcome: Outcome, from: string, to: string): Trip {
  const { network, speakers } = topology;
  const owners = new Map(
    Object.entries(network.routers).flatMap(([id, { links }]) =>
      links.map(({ address }) => [address, id] as const),
    ),
  );
  const hops: string[] = [];
  const gateways: string[] = [];
  const passed = new Set<string>();
  let at = from;
  while (at !== to) {
    const ended = (end: string): Trip => ({ hops, gateways, end });
    if (passed.has(at)) return ended(`packets come to ${at} again`);
    passed.add(at);
    const router = speakers.get(at)?.router;
    const [best] = outcome.paths.get(at) ?? [];
    if (router === undefined || best?.nextHop === undefined)
      return ended(`${at} has no route to ${outcome.prefix}`);
    const way = wayTo(network, router, best.nextHop);
    if (way === undefined) return ended(`${at} has no route to the next hop ${best.nextHop}`);
    const known = way.gateway !== unknownGateway && owners.has(way.gateway);
    if (way.reach === "routed" && !known && way.gateway !== unknownGateway) {
      hops.push(way.gateway);
      gateways.push(way.gateway);
    }
    // What lies between two segments of routers that are in no plan, is theirs.
    const hop = known ? way.gateway : best.nextHop;
    const next = owners.get(hop);
    hops.push(hop);
    if (next === undefined) return ended(`${hop} is no router of the plan`);
    at = next;
  }
  return { hops, gateways };
}
