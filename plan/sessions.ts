import type { ReflectorPlan, SessionEnd, SessionPlan } from "./types";

/** Seconds; the values that the nodes propose by default. */
const timers = { hold: 90, keepalive: 30 } as const;

/**
 * Graceful restart (RFC 4724): nodes keep their routes for two minutes while the reflector is away. After a restart it holds
 * updates back until every neighbour is there; a long deferral, such as 360 s, would leave all nodes without routes because of one
 * that is down, hence 5.
 */
const gracefulRestart = { restart: 120, deferral: 5 } as const;

/**
 * A range of services has as many next hops as its COE has nodes, and a reflector passes on one of them unless it may send
 * several (RFC 7911). The nodes put all into one route, so that no single node carries all traffic to services;
 * more than these would make the routes longer and help nobody. Always on, for a session has to be reset to change it, and
 * a block of containers has one path anyway.
 */
const pathsToServices = 8;

type Speaker = Pick<SessionEnd, "id" | "address" | "asn">;
type Hub = Pick<ReflectorPlan, "name" | "address" | "asn" | "port">;

/** The session of a reflector, which is the end `a`, with a node. @param password its name; none where it has none */
export function sessionOf(
  { name, address, asn, port }: Hub,
  node: Speaker,
  password: string | undefined,
): SessionPlan {
  const internal = asn === node.asn;
  return {
    name: `${name}/${node.id}`,
    a: {
      id: name,
      address,
      asn,
      role: internal ? "reflector" : "peer",
      ...(port === undefined ? {} : { port }),
      // Whatever the others' AS is: a node more in this AS is to reset no session.
      ...(internal ? {} : { replacePeerAs: true }),
      timers,
      gracefulRestart,
      sendPaths: pathsToServices,
    },
    b: {
      id: node.id,
      address: node.address,
      asn: node.asn,
      role: internal ? "client" : "peer",
    },
    families: ["ipv4-unicast"],
    ...(password === undefined ? {} : { password }),
  };
}

/** Whether both ends are in one autonomous system. */
export function isInternal({ a, b }: Pick<SessionPlan, "a" | "b">): boolean {
  return a.asn === b.asn;
}

/** A session as one of its ends sees it. */
export interface Ends {
  readonly session: SessionPlan;
  readonly own: SessionEnd;
  readonly far: SessionEnd;
}

/** The sessions of a router, in the order of their names. @param id of a reflector or a node */
export function endsAt(sessions: Readonly<Record<string, SessionPlan>>, id: string): Ends[] {
  return Object.values(sessions).flatMap((session): Ends[] => {
    const { a, b } = session;
    if (a.id === id) return [{ session, own: a, far: b }];
    return b.id === id ? [{ session, own: b, far: a }] : [];
  });
}
