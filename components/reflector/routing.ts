import { nodeLocalPref } from "../../plan/acceptance";
import { fenceAt, routerIdOf } from "../../plan/families";
import { type Ends, endsAt, isInternal, isReflector } from "../../plan/sessions";
import type { BfdPlan, Plan, ReflectorPlan, SessionEnd } from "../../plan/types";
import { contains, hostPrefix, type PrefixPattern, patternsOf, setOf } from "../../util/net";
import { nodeNetworks } from "../../util/ranges";
import { type Accepted, nodeResets } from "../ask/router";
import { passwordMark } from "./passwords";

/** What the configuration of a reflector says, as data, whatever a kind writes it in. */
export interface RouterConfig {
  readonly routerId: string;
  readonly address: string;
  readonly asn: number;
  /** RFC 4456. */
  readonly clusterId: string;
  /** Absent where it is 179. */
  readonly port?: number;
  readonly neighbors: readonly RouterNeighbor[];
}

export interface RouterNeighbor {
  /** Of the family that the session is about. */
  readonly address: string;
  /** The reflector's own address on the session. */
  readonly local: string;
  readonly asn: number;
  readonly description: string;
  /** Absent where the neighbour is no client of the reflector. */
  readonly clusterId?: string;
  /** Whether its own AS is replaced in what it is sent. Absent: it is not. */
  readonly replacePeerAs?: true;
  /**
   * Present where the router writes itself as next hop of what it sends: the range in which next hops are kept, which is the
   * segment that both ends are on; none where they share none.
   */
  readonly nextHopSelf?: { readonly keeps?: string };
  /** Whether it is in another AS, and more than one hop away. Absent: it is not. */
  readonly multihop?: true;
  /** How many ASs the paths may have that are accepted from it; absent where that does not matter. */
  readonly longestPath?: number;
  /** Whether it is told to pass on nothing of what it learns. Absent: it is not. */
  readonly noAdvertise?: true;
  /** Its password, or the mark of it; absent where it has none. */
  readonly password?: string;
  /** Seconds that it proposes; absent where the daemon decides. */
  readonly timers?: { readonly hold: number; readonly keepalive: number };
  /** Seconds (RFC 4724); absent where the daemon decides. */
  readonly gracefulRestart?: { readonly restart: number; readonly deferral: number };
  /** Whether it is sent all paths to a prefix (RFC 7911), where a daemon counts none. Absent: the best one. */
  readonly severalPaths?: true;
  /** Whether it takes only packets that have passed no router (RFC 5082). Absent: it takes all. */
  readonly ttlSecurity?: true;
  /** How it watches the neighbour; see SessionPlan. Absent: it does not. */
  readonly bfd?: BfdPlan;
  readonly accepts: readonly PrefixPattern[];
  /** Most prefixes that are taken. Absent: any number. */
  readonly limit?: number;
  /** What LOCAL_PREF is set to. */
  readonly localPref: number;
}

/** The configuration of one reflector, from its sessions and fences in the plan. */
export function routerConfig(plan: Plan, reflector: ReflectorPlan): RouterConfig {
  const severalAsns = new Set(Object.values(plan.reflectors).map(({ asn }) => asn)).size > 1;
  return {
    routerId: routerIdOf(reflector),
    address: reflector.address,
    asn: reflector.asn,
    clusterId: reflector.clusterId,
    ...(reflector.port === undefined ? {} : { port: reflector.port }),
    neighbors: endsAt(plan.sessions, reflector.name).map((ends) =>
      neighbor(plan, reflector, ends, severalAsns),
    ),
  };
}

function neighbor(
  plan: Plan,
  reflector: ReflectorPlan,
  { session, own, far }: Ends,
  severalAsns: boolean,
): RouterNeighbor {
  const { timers, gracefulRestart, sendPaths } = own;
  const fence = fenceAt(plan, far);
  const longestPath = fence?.longestPath ?? (isInternal(session) ? undefined : 1);
  return {
    address: far.address,
    local: own.address,
    asn: far.asn,
    description: far.id,
    ...(own.role === "reflector" ? { clusterId: reflector.clusterId } : {}),
    ...(own.replacePeerAs === undefined ? {} : { replacePeerAs: own.replacePeerAs }),
    ...(own.nextHopSelf === undefined ? {} : { nextHopSelf: segmentOf(plan, own, far) }),
    ...(own.multihop === undefined ? {} : { multihop: own.multihop }),
    ...(longestPath === undefined ? {} : { longestPath }),
    // A node would pass on to a reflector in one AS what it has learned from a reflector in another, as its own.
    ...(severalAsns && !isReflector(plan, far.id) ? { noAdvertise: true } : {}),
    ...(session.password === undefined ? {} : { password: passwordMark(session.password) }),
    ...(session.ttlSecurity === undefined ? {} : { ttlSecurity: session.ttlSecurity }),
    ...(session.bfd === undefined ? {} : { bfd: session.bfd }),
    ...(timers === undefined ? {} : { timers }),
    ...(gracefulRestart === undefined ? {} : { gracefulRestart }),
    ...(sendPaths === undefined ? {} : { severalPaths: true }),
    accepts: fence?.prefixes.map(patternOf) ?? [],
    ...(fence?.limit === undefined ? {} : { limit: fence.limit }),
    localPref: nodeLocalPref,
  };
}

function segmentOf(plan: Plan, own: SessionEnd, far: SessionEnd): { readonly keeps?: string } {
  const keeps = nodeNetworks(plan).find(
    (range) => contains(range, own.address) && contains(range, far.address),
  );
  return keeps === undefined ? {} : { keeps };
}

function patternOf(prefix: { cidr: string; minLength: number; maxLength: number }): PrefixPattern {
  return { prefix: prefix.cidr, min: prefix.minLength, max: prefix.maxLength };
}

/** The rest of what is accepted of a neighbour, as its daemon writes it. */
export interface AcceptedBy {
  readonly nextHop: string | undefined;
  /** Most ASs in the path. */
  readonly length: string | undefined;
  /** Undefined where attributes stay as the neighbour sent them. */
  readonly localPref: string | undefined;
}

/** What is accepted of a neighbour, with as few prefixes as it takes. */
export function acceptedOf(
  address: string,
  patterns: readonly PrefixPattern[],
  { nextHop, length, localPref }: AcceptedBy,
): Accepted[] {
  return patternsOf(setOf(patterns)).map(({ prefix, min, max }) => ({
    neighbors: [hostPrefix(address)],
    prefix,
    lengths: `${min}..${max}`,
    nextHops: nextHop === undefined ? [] : [nextHop],
    asPath: length === undefined ? "" : `le ${length}`,
    ...(localPref === undefined ? {} : { sets: nodeResets(Number(localPref)) }),
  }));
}
