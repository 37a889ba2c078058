import type { AnnouncedRanges } from "../../plan/types";

/** An answer of a live system, or why there is none. */
export type Answer<T> =
  | { readonly ok: true; readonly asked: string; readonly value: T }
  | {
      readonly ok: false;
      readonly asked: string;
      readonly error: string;
      /** Nothing came back at all, neither an answer nor a refusal: dropped on the way. */
      readonly silent?: true;
      /** The question could not be put, so that nothing was learned of what it is about: asking again may help. */
      readonly unasked?: true;
      /** What is missing comes by itself within a minute or two when all is well. */
      readonly late?: true;
    };

/** A running container that answers HTTP and can be asked to fetch. */
export interface Workload {
  readonly name: string;
  readonly coe: string;
  /** Node id, `<coe>/<node>`. */
  readonly node: string;
  /** IPv4, or IPv6 where it has no IPv4. */
  readonly address: string;
  /** Its IPv6 address beside an IPv4 one; absent where it has none. */
  readonly address6?: string;
  readonly port: number;
}

/** Which of a COE's announced ranges. */
export type ServiceRange = keyof AnnouncedRanges;

/** An address that leads to the servers of a COE, whichever of them. */
export interface ServiceAddress {
  readonly range: ServiceRange;
  readonly address: string;
  readonly port: number;
}

/** An address of a running container, by the word of its COE; one that has several is told with each. */
export interface CoeContainer {
  /** As its COE names it. */
  readonly name: string;
  /** Node id; the COE's own name of the node where the plan does not have it. */
  readonly node: string;
  readonly address: string;
}

/** A service with addresses of its own, by the word of its COE. */
export interface NamedService {
  /** As its COE names it. */
  readonly name: string;
  readonly addresses: readonly string[];
}

/** A block of addresses, by the word of the COE's own IPAM. */
export interface IpamBlock {
  readonly cidr: string;
  /** Who announces it: a node id, or IPAM's own name of a node that the plan does not have. Empty: nobody. */
  readonly owners: readonly string[];
  readonly addresses: readonly IpamAddress[];
}

/** An address that IPAM has given out. */
export interface IpamAddress {
  readonly address: string;
  /** For whom, as IPAM knows it. */
  readonly holder: string;
  /** Where it is used, like {@link IpamBlock.owners}; absent where IPAM does not say. */
  readonly node?: string;
}

/** A node by the word of its COE. */
export interface CoeNode {
  readonly name: string;
  /** Empty where the COE does not say. */
  readonly address: string;
  /** Its IPv6 address beside an IPv4 one; absent where the COE does not say. */
  readonly address6?: string;
}

/** What objects by which nodes speak BGP can be about. */
export const objectGroups = ["pools", "bgp", "peers", "policies", "nodes", "agents"] as const;

export type ObjectGroup = (typeof objectGroups)[number];

/** What is left of a stack that is gone. */
export interface LeftBehind {
  readonly faults: readonly ObjectFault[];
  /** What was there before the stack and was compared with what it was like then. */
  readonly compared: readonly string[];
}

/** One way in which such an object is not as the plan has it. */
export interface ObjectFault {
  readonly group: ObjectGroup;
  /** The object. */
  readonly object: string;
  readonly found: string;
  readonly expected: string;
  /** What it does to traffic. */
  readonly effect: string;
  readonly remedy?: string;
  /**
   * What becomes of the plan's filters by it, on nodes: they are there and not in force, so that nodes take whatever they are
   * sent; or they are others, so that nodes may refuse what the plan has. Absent: nothing.
   */
  readonly filters?: "idle" | "others";
}
