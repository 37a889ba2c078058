import { contains, prefix } from "../util/net";
import { addressOf, families } from "./families";
import { isInternal, routerSession } from "./sessions";
import type { FencePlan, NodePlan, ReflectorPlan, SessionPlan } from "./types";

/*
 * Routers of racks: what a plan has for them beside what every reflector has.
 */

/** Whether a router has sessions with the nodes of a node's rack. */
export function serves({ rack }: ReflectorPlan, node: NodePlan): boolean {
  return rack === undefined || rack === node.rack;
}

/** The sessions between routers of different racks. @param routers in the order of their names */
export function sessionsBetween(routers: readonly ReflectorPlan[]): SessionPlan[] {
  const ofRacks = routers.filter(({ rack }) => rack !== undefined);
  return ofRacks.flatMap((a, place) =>
    ofRacks
      .slice(place + 1)
      .filter((b) => a.rack !== b.rack)
      .flatMap((b) => families.flatMap((family) => routerSession(a, b, family) ?? [])),
  );
}

/**
 * What routers accept from the router of another rack: what it accepts from its own nodes, by itself, and not what it has
 * from a third rack.
 * @param fences of its nodes
 */
export function rackFences(
  router: ReflectorPlan,
  nodes: readonly { readonly node: NodePlan; readonly fence: FencePlan }[],
  routers: readonly ReflectorPlan[],
): FencePlan[] {
  const others = routers.filter(({ rack }) => rack !== router.rack);
  if (others.length === 0) return [];
  const own = nodes.filter(({ node }) => node.rack === router.rack);
  const spans = new Map(
    own.flatMap(({ fence }) => fence.prefixes.map((span) => [JSON.stringify(span), span] as const)),
  );
  const all = [...spans].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, span]) => span);
  const crossing = others.some(({ asn }) => asn !== router.asn) ? 1 : 0;
  const inside = own.some(({ node }) => node.asn !== router.asn) ? 1 : 0;
  return families.flatMap((family) => {
    const address = addressOf(router, family);
    const prefixes = all.filter(({ cidr }) => prefix(cidr).family === family);
    return address === undefined || prefixes.length === 0
      ? []
      : [{ node: router.name, address, prefixes, longestPath: crossing + inside }];
  });
}

/** A session whose ends are in two ASs and on two segments: packets of it pass routers, which neither end expects by itself. */
export function withHops(session: SessionPlan, networks: readonly string[]): SessionPlan {
  const { a, b } = session;
  if (isInternal(session)) return session;
  const shared = networks.some((range) => contains(range, a.address) && contains(range, b.address));
  return shared
    ? session
    : { ...session, a: { ...a, multihop: true }, b: { ...b, multihop: true } };
}
