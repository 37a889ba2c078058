import type { FencePrefix } from "../types";

/** How a reflector's daemon takes a new configuration over. Its kind says so: the plan knows no kind. */
export interface TakeOver {
  /** Whether the daemon has to restart: then all its sessions come back. */
  readonly restarts: boolean;
  /** Addresses of the nodes whose sessions it resets. */
  readonly resets: ReadonlySet<string>;
  /** Whether its owner has to give it another configuration. Absent: the update does. */
  readonly byOwner?: true;
}

/** A session that comes, goes, or goes down and comes back. */
export interface SessionChange {
  /** `<reflector>/<coe>/<node>`. */
  readonly session: string;
  /** Each with the end that it is about: `reflector rr-1: AS 64511 -> 64512`. */
  readonly why: readonly string[];
}

export interface SessionReset extends SessionChange {
  /** Whether the node keeps its routes meanwhile: the reflector goes without a word (RFC 4724), and nothing else changes. */
  readonly keepsRoutes: boolean;
  /**
   * Whether it comes back before a session with another reflector goes down: reflectors that we run change one after the other, and
   * nothing has to change at its node. Absent: it does not.
   */
  readonly inTurn?: true;
}

export interface ReflectorChange {
  readonly reflector: string;
  /** `replaced`: by a container of another kind; `reconfigured`: by its owner, for we do not run it. */
  readonly change: "added" | "removed" | "restarted" | "replaced" | "reconfigured";
  readonly why: readonly string[];
}

export interface CoeChange {
  readonly coe: string;
  readonly change: "joins" | "leaves";
}

/** A range of addresses of one COE. */
export interface RangeChange {
  readonly coe: string;
  readonly range: string;
  readonly use: "containers" | "clusterIPs" | "loadBalancerIPs" | "externalIPs";
  /** `retired`: it stays announced and gives no new addresses; `returned`: it gives addresses again. */
  readonly change: "announced" | "withdrawn" | "retired" | "returned";
  /** How many blocks it holds, and their length; absent where it is not taken in blocks. */
  readonly blocks?: { readonly count: number; readonly length: number };
}

/** What every reflector accepts from some nodes, beside before or no longer. */
export interface AcceptanceChange {
  readonly coe: string;
  /** Ids of the nodes, sorted. */
  readonly nodes: readonly string[];
  readonly widened: readonly FencePrefix[];
  readonly narrowed: readonly FencePrefix[];
}

/** How many of its nodes reach how many of another COE's. */
export type Reach = "all" | "some" | "none";

/** A pair of COEs of which one reaches more or less of the other than before. */
export interface ReachChange {
  readonly from: string;
  readonly to: string;
  readonly before: Reach;
  readonly after: Reach;
  readonly change: "gained" | "lost";
  /** Why one does not reach all of the other: before, where it is gained, and afterwards, where it is lost. */
  readonly why: string;
}

/** Who is let in by a COE's policy, in words. */
export interface AdmissionChange {
  readonly coe: string;
  readonly before: string;
  readonly after: string;
}

/** With which address containers of a COE reach networks outside the plan. */
export interface OutgoingChange {
  readonly coe: string;
  /** Whether it is their node's. */
  readonly nat: boolean;
}

/** Containers that have to be made anew to get addresses of the plan. */
export interface RestartNeeded {
  readonly coe: string;
  /** What their addresses are of. */
  readonly range: string;
  /** What they get addresses of then. */
  readonly to: readonly string[];
}

/** Packets that are expected to be lost. */
export interface Loss {
  readonly what: string;
  readonly why: string;
  /** How the same comes about without it. Absent: it does not. */
  readonly instead?: string;
  /** What the configuration says that asks for it. Absent: no word is needed, for it follows from another change. */
  readonly allowedBy?: string;
}

/** Under what condition, which only the live systems know, the update is refused before it changes anything. */
export interface Refusal {
  readonly coe: string;
  readonly when: string;
  /** What the configuration has to say for the change to be made. */
  readonly allowedBy: string;
}

/** What an update changes, in the words of routing. All lists are sorted, and empty where nothing changes. */
export interface PlanChange {
  readonly sessions: {
    readonly added: readonly SessionChange[];
    readonly removed: readonly SessionChange[];
    readonly reset: readonly SessionReset[];
    /** What changes of those that stay up. */
    readonly tuned: readonly SessionChange[];
    /** How many stay up. */
    readonly stay: number;
  };
  /** COEs to which the plan is applied from now on, or no longer. */
  readonly coes: readonly CoeChange[];
  readonly reflectors: readonly ReflectorChange[];
  readonly ranges: readonly RangeChange[];
  readonly acceptances: readonly AcceptanceChange[];
  readonly admissions: readonly AdmissionChange[];
  readonly outgoing: readonly OutgoingChange[];
  readonly reach: readonly ReachChange[];
  /** How many ordered pairs of COEs, a COE with itself among them, reach each other wholly before and after. */
  readonly reachStays: number;
  readonly restarts: readonly RestartNeeded[];
  readonly losses: readonly Loss[];
  readonly refusals: readonly Refusal[];
}
