/**
 * In what daemons differ that a path depends on. Each kind of router and of speaker has its traits next to its rendering,
 * and whoever uses the model hands them over: the model names no daemon.
 */
export interface RouterTraits {
  /** Whether it sends a path to a neighbour whose AS is in it: RFC 4271 leaves it to the receiver to refuse that. */
  readonly sendsReceiversAs: boolean;
  /** On which internal sessions it refuses paths with its own cluster-id: all, those with its clients, or none. */
  readonly refusesOwnCluster: "all" | "clients" | "none";
  /** Whether it withholds from its clients what has its own cluster-id. */
  readonly withholdsOwnCluster: boolean;
  /** ORIGINATOR_ID and CLUSTER_LIST: written into what is reflected, or into all that clients get and nobody else. */
  readonly stamps: "reflected" | "clients";
  /** What becomes of a path whose next hop it has no route to: it is as good as others, worse than others, or never used. */
  readonly lostNextHop: "unnoticed" | "last" | "unusable";
  /** What becomes of a path, from a neighbour in another AS one hop away, whose next hop is off the segment. */
  readonly distantNextHop: "unnoticed" | "refused" | "unusable";
  /** What becomes of a path with an address of its own as next hop. */
  readonly ownNextHop: "unnoticed" | "refused" | "lost";
  /** Whether it withholds a path from a neighbour that is its next hop. */
  readonly withholdsFromNextHop: boolean;
  /**
   * When it writes another next hop than itself towards another AS (RFC 4271 5.1.3): never; when the next hop is on the
   * receiver's segment; or when it sends packets by the interface on which it has the receiver one hop away, and then
   * the address that it sends them to.
   */
  readonly thirdPartyNextHop: "none" | "segment" | "gateway";
  /** Whether it keeps paths with NO_ADVERTISE to itself (RFC 1997). */
  readonly heedsNoAdvertise: boolean;
  /**
   * Whether it leaves a neighbour with the path of before when it prefers one that it may not reflect to it. What that
   * neighbour has then depends on which path came first.
   */
  readonly forgetsToWithdraw: boolean;
  /** Whether it may send a path back to the neighbour it has it from; which it does is up to chance. */
  readonly returnsToSender: boolean;
  /** Whether it treats all sessions as if the neighbour were more than one hop away. */
  readonly alwaysMultihop: boolean;
  /** Whether its own routes win whatever LOCAL_PREF others have, or only against an equal one. */
  readonly ownRoutes: "first" | "afterLocalPref";
  /** Whether a next hop on its own segment is better than one it has a route to. */
  readonly prefersConnected: boolean;
  /** Whether the id that is compared is that of the ORIGINATOR_ID, and the length of the CLUSTER_LIST after it (RFC 4456 9). */
  readonly comparesReflection: boolean;
  /** Whether it can put its own AS in place of a neighbour's. */
  readonly replacesPeerAs: boolean;
}

/** A router that does what the RFCs ask for, and sends no path that its receiver has to refuse. */
export const standardTraits: RouterTraits = {
  sendsReceiversAs: false,
  refusesOwnCluster: "all",
  withholdsOwnCluster: true,
  stamps: "reflected",
  lostNextHop: "unusable",
  distantNextHop: "unusable",
  ownNextHop: "refused",
  withholdsFromNextHop: true,
  thirdPartyNextHop: "segment",
  heedsNoAdvertise: true,
  forgetsToWithdraw: false,
  returnsToSender: false,
  alwaysMultihop: false,
  ownRoutes: "first",
  prefersConnected: true,
  comparesReflection: true,
  replacesPeerAs: true,
};

/** By kind; a kind without traits is taken for {@link standardTraits}. */
export type Traits = Readonly<Record<string, RouterTraits>>;
