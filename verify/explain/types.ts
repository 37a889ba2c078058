/** What one link of a way is about, in the words of those who look after it. */
export type Layer =
  | "name"
  | "owner"
  | "policy"
  | "rules"
  | "fib"
  | "next hop"
  | "rib"
  | "acceptance"
  | "session"
  | "sysctl"
  | "drop"
  | "nat"
  | "mtu"
  | "traffic";

/** One link of a way: what has to hold there for a packet to go on, and whether it does. */
export interface Link {
  readonly layer: Layer;
  /** The COE, node or router that it is about. */
  readonly at: string;
  /** Of a session: the router at its other end. */
  readonly peer?: string;
  /** What is there, in one line. */
  readonly says: string;
  readonly status: "ok" | "broken" | "unknown";
  /** Why it does not hold, or why nobody knows; absent where it holds. */
  readonly why?: string;
  /** The command or the field that mends it. */
  readonly remedy?: string;
  /** Of a broken one: the link that it follows from, as {@link nameOf} has it. Absent where it is a cause itself. */
  readonly follows?: string;
}

/** A link with the links it can follow from. */
export interface Standing extends Link {
  /** Names of links without which this one cannot hold, those nearest to the origin of the route first. */
  readonly standsOn?: readonly string[];
}

/** How links are told apart within one way. */
export function nameOf({ layer, at, peer }: Pick<Link, "layer" | "at" | "peer">): string {
  return `${layer} of ${at}${peer === undefined ? "" : ` with ${peer}`}`;
}

/** One end of a way. */
export interface End {
  /** In the words of whoever asked. */
  readonly asked: string;
  /** `host` is a node itself, `service` an address that leads to containers, whichever of them. */
  readonly sort: "container" | "host" | "service";
  /** Its name in its COE; of a container that only the plan knows, which one it is. */
  readonly name: string;
  readonly coe: string;
  /** The DNS name by which it was asked for; absent where it was not. */
  readonly host?: string;
  /** Absent where the plan knows only that it is some container of the COE, and where nobody has its DNS name. */
  readonly address?: string;
  /** Its IPv6 address beside an IPv4 one, until it is known which of them the way is about. */
  readonly address6?: string;
  /** Ids of the nodes that lead to it: of a container its own, or in a plan all that it may be on. */
  readonly nodes: readonly string[];
}

/** The links in one direction, in the order in which a packet meets them. */
export interface Way {
  readonly direction: "there" | "back";
  readonly from: End;
  readonly to: End;
  readonly links: readonly Link[];
}

export interface Explanation {
  /** Whether the plan alone was asked. */
  readonly planned: boolean;
  readonly from: End;
  readonly to: End;
  readonly ways: readonly Way[];
  /** What came of trying it; absent where nobody could. */
  readonly tried?: Link;
  /** The first link, in the order of the packet's way, that is broken and follows from no other; absent where none is. */
  readonly broken?: Broken;
  readonly verdict: "whole" | "broken" | "unknown";
}

export interface Broken extends Link {
  readonly direction: Way["direction"];
  /** Names of the links that are broken because of it. */
  readonly consequences: readonly string[];
}
