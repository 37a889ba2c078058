import type { Family } from "../util/net";
import { type Addressed, addressOf, familyName, keyIn } from "./families";
import type { Plan, ReflectorPlan, SessionEnd, SessionPlan } from "./types";

/** Seconds; the value that the nodes propose by default. */
const usualHold = 90;

type Timers = NonNullable<SessionEnd["timers"]>;

/**
 * A third of the hold time lies between two keepalives (RFC 4271, 10), or less.
 * @param hold seconds. Default: what the nodes propose
 * @param most seconds between two keepalives. Default: that third
 */
export function timersOf(hold = usualHold, most = hold): Timers {
  return { hold, keepalive: Math.min(Math.floor(hold / 3), most) };
}

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

/** The timers of a node: the hold time of the other end, where it has none of its own, and keepalives three times as often. */
export function nodeTimers({ own, far }: Pick<Ends, "own" | "far">): Timers {
  return own.timers ?? timersOf(far.timers?.hold);
}

type Speaker = Addressed & Pick<SessionEnd, "id" | "asn">;
type Hub = Addressed & Pick<ReflectorPlan, "name" | "asn" | "port" | "rack">;

/**
 * The session of a reflector, which is the end `a`, with a node; undefined where they have no addresses of the family. A
 * speaker may have one daemon for each family (Calico has), so that each has a session of its own.
 * @param own `password` is the name of it, undefined where it has none; `timers` are those of the reflector
 */
export function sessionOf(
  reflector: Hub,
  node: Speaker,
  family: Family,
  own: { readonly password: string | undefined; readonly timers: Timers },
): SessionPlan | undefined {
  const { name, asn, port, rack } = reflector;
  const [address, far] = [addressOf(reflector, family), addressOf(node, family)];
  if (address === undefined || far === undefined) return undefined;
  const internal = asn === node.asn;
  return {
    name: keyIn(`${name}/${node.id}`, family),
    a: {
      id: name,
      address,
      asn,
      role: internal ? "reflector" : "peer",
      ...(port === undefined ? {} : { port }),
      // Whatever the others' AS is: a node more in this AS is to reset no session.
      ...(internal ? {} : { replacePeerAs: true }),
      ...(rack === undefined ? {} : { nextHopSelf: true }),
      timers: own.timers,
      gracefulRestart,
      sendPaths: pathsToServices,
    },
    b: {
      id: node.id,
      address: far,
      asn: node.asn,
      role: internal ? "client" : "peer",
    },
    families: [familyName[family]],
    ...(own.password === undefined ? {} : { password: own.password }),
  };
}

/** The session of two routers of different racks; undefined where they have no addresses of the family. */
export function routerSession(a: Hub, b: Hub, family: Family): SessionPlan | undefined {
  const [one, other] = [routerEnd(a, family), routerEnd(b, family)];
  if (one === undefined || other === undefined) return undefined;
  const name = keyIn(`${a.name}--${b.name}`, family);
  return { name, a: one, b: other, families: [familyName[family]] };
}

/** Neither is a client of the other: what one has from its own nodes it sends, and the other passes it on to its own. */
function routerEnd(router: Hub, family: Family): SessionEnd | undefined {
  const { name, asn, port } = router;
  const address = addressOf(router, family);
  if (address === undefined) return undefined;
  return {
    id: name,
    address,
    asn,
    role: "peer",
    ...(port === undefined ? {} : { port }),
    nextHopSelf: true,
    timers: timersOf(),
    gracefulRestart,
  };
}

/** Whether a router of the plan is a reflector; the others are nodes. */
export function isReflector({ reflectors }: Pick<Plan, "reflectors">, id: string): boolean {
  return reflectors[id] !== undefined;
}

/** Whether both ends are in one autonomous system. */
export function isInternal({ a, b }: Pick<SessionPlan, "a" | "b">): boolean {
  return a.asn === b.asn;
}

/** What both ends of a session have to have of each other for it to come up, as text to compare. */
export function agreedIn({ a, b, password, ttlSecurity }: SessionPlan): string {
  const end = ({ address, asn, port = 179 }: SessionEnd) => [address, asn, port];
  return JSON.stringify([end(a), end(b), password !== undefined, ttlSecurity === true]);
}

/** A session as one of its ends sees it. */
export interface Ends {
  readonly session: SessionPlan;
  readonly own: SessionEnd;
  readonly far: SessionEnd;
}

type Sessions = Readonly<Record<string, SessionPlan>>;
const indices = new WeakMap<Sessions, ReadonlyMap<string, Ends[]>>();

/** The sessions of each node, by its id. */
export function sessionsByNode(
  plan: Pick<Plan, "reflectors">,
  sessions: Iterable<SessionPlan>,
): ReadonlyMap<string, readonly SessionPlan[]> {
  const found = new Map<string, SessionPlan[]>();
  for (const session of sessions)
    for (const { id } of [session.a, session.b]) {
      if (isReflector(plan, id)) continue;
      const own = found.get(id);
      if (own === undefined) found.set(id, [session]);
      else own.push(session);
    }
  return found;
}

/** The sessions of a router, in the order of their names. @param id of a reflector or a node */
export function endsAt(sessions: Sessions, id: string): readonly Ends[] {
  // A plan is frozen, so that what was found in it once is so for ever; thousands of nodes ask.
  const known = indices.get(sessions);
  const index = known ?? endsById(sessions);
  if (known === undefined && Object.isFrozen(sessions)) indices.set(sessions, index);
  return index.get(id) ?? [];
}

function endsById(sessions: Sessions): ReadonlyMap<string, Ends[]> {
  const index = new Map<string, Ends[]>();
  const add = (session: SessionPlan, own: SessionEnd, far: SessionEnd) => {
    const ends = index.get(own.id);
    if (ends === undefined) index.set(own.id, [{ session, own, far }]);
    else ends.push({ session, own, far });
  };
  for (const session of Object.values(sessions)) {
    add(session, session.a, session.b);
    add(session, session.b, session.a);
  }
  return index;
}
