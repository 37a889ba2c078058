import type { Family } from "../../util/net";

/**
 * What the model of BGP is about: routers, their sessions and what they originate. It knows no kind of COE, of router or
 * of speaker; traits.ts says in what they differ. Plain data, so that a network can be kept as JSON.
 */
export interface Network {
  /** By name of the segment (one L2 network, a rack), its range. */
  readonly segments: Readonly<Record<string, string>>;
  /** By id. */
  readonly routers: Readonly<Record<string, Router>>;
  /** By name. */
  readonly sessions: Readonly<Record<string, Session>>;
  readonly originations: readonly Origination[];
}

/** Any BGP speaker: a reflector, a node, a switch. */
export interface Router {
  readonly asn: number;
  /** BGP identifier (RFC 4271). */
  readonly routerId: string;
  /** RFC 4456; its own identifier where absent. */
  readonly clusterId?: string;
  /** Name of its traits. */
  readonly kind: string;
  /** Its addresses, each on a segment. */
  readonly links: readonly Link[];
  /** By what address it reaches the segments it is not on, any text where that is not known; absent: it does not. */
  readonly gateway?: string;
  /** The same for segments of IPv6. Absent: the same as for those of IPv4. */
  readonly gateway6?: string;
}

/** The gateway of a router that has one which the plan does not name. */
export const unknownGateway = "unknown";

export interface Link {
  readonly segment: string;
  readonly address: string;
}

/** Both ends of a session, each with what is configured there. */
export interface Session {
  /** The family of the prefixes that it carries. Absent: that of any. */
  readonly family?: Family;
  readonly a: SessionSide;
  readonly b: SessionSide;
}

export interface SessionSide {
  readonly router: string;
  readonly address: string;
  /** What this end is for the other one: a reflector has the other end as a client (RFC 4456). */
  readonly role: "reflector" | "client" | "peer";
  /** What it takes from the other end; everything where absent. */
  readonly accepts?: Acceptance;
  /**
   * What it writes as next hop: itself, what is there, or itself where what is there is not on a segment that it shares with
   * the other end; absent: what its daemon does by default.
   */
  readonly nextHop?: "self" | "keep" | "segment";
  /** Whether it puts its own AS in place of the other end's into paths it sends. */
  readonly replacePeerAs?: true;
  /** How often its own AS may be in a path that it takes; 0 where absent. */
  readonly allowOwnAs?: number;
  /** Whether it has the other end as a client of a route server (RFC 7947). */
  readonly routeServer?: true;
  /** Whether it knows that the other end, in another AS, may be more than one hop away. */
  readonly multihop?: true;
  /** How many paths of a prefix it sends (RFC 7911), to an end that can tell them apart; 1 where absent. */
  readonly paths?: number;
  /** Whether it sends nothing of what it has learned. */
  readonly ownRoutesOnly?: true;
  /** Whether it adds NO_ADVERTISE (RFC 1997) to what it sends. */
  readonly noAdvertise?: true;
}

/** An import policy. What it does not say is not asked for. */
export interface Acceptance {
  /** Prefixes inside a range whose length is in the given span. */
  readonly prefixes?: readonly PrefixSpan[];
  readonly nextHops?: readonly string[];
  /** Most ASs in the path. */
  readonly longestPath?: number;
  /** What LOCAL_PREF is set to. */
  readonly localPref?: number;
}

export interface PrefixSpan {
  readonly cidr: string;
  readonly minLength: number;
  readonly maxLength: number;
}

export interface Origination {
  readonly router: string;
  readonly prefix: string;
}
