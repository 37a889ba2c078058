/** One path to a prefix, as a router has it. */
export interface Path {
  readonly prefix: string;
  /** Id of the router that originates it. */
  readonly from: string;
  readonly asPath: readonly number[];
  /** Undefined for what the router originates itself. */
  readonly nextHop?: string;
  readonly localPref: number;
  /** RFC 4456. */
  readonly originatorId?: string;
  readonly clusterList: readonly string[];
  readonly noAdvertise: boolean;
  /** Names of the sessions that it came over, the first one first. */
  readonly over: readonly string[];
  /** Absent for what the router originates itself. */
  readonly learned?: Learned;
}

/** What a router knows of a path beside its attributes. */
export interface Learned {
  readonly session: string;
  /** The neighbour: its id, its address on the session, and its BGP identifier. */
  readonly neighbour: string;
  readonly address: string;
  readonly routerId: string;
  readonly external: boolean;
  /** Whether the neighbour is its reflector client. */
  readonly client: boolean;
  /** How it reaches the next hop; undefined where it does not. */
  readonly reach?: Reach;
  /** The address on a segment of its own that packets to the next hop are sent to, and that segment. */
  readonly gateway?: string;
  readonly segment?: string;
}

export type Reach = "connected" | "routed";

/** Where a path ends: it is not sent, or not taken. */
export interface PathEnd {
  readonly session: string;
  /** Ids of the routers that would send and get it. */
  readonly sender: string;
  readonly receiver: string;
  readonly reason: string;
}

export function pathText(path: readonly number[]): string {
  return `the AS path ${path.join(" ")}`;
}
