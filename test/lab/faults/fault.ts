import type { Layer as Link } from "../../../verify/explain/types";
import type { NodeId, World } from "./world";

/** Where on the way a fault is planted. */
export type Layer =
  | "name"
  | "service"
  | "policy"
  | "fib"
  | "rules"
  | "neighbour"
  | "rib"
  | "acceptance"
  | "session"
  | "nat"
  | "drop"
  | "mtu"
  | "sysctl"
  | "ipam"
  | "objects";

/** A measurement that knows nothing of `seamless`: packets between containers, or what a daemon says of itself. */
export interface Bite {
  /** What is measured, for the table of the faults. */
  readonly by: string;
  measure(world: World): Promise<string>;
  /** What is measured before the fault is planted, and again after it is mended. */
  readonly healthy: RegExp;
  /** What is measured while it is there. */
  readonly bitten: RegExp;
}

/** What `seamless verify` has to say of a fault. */
export interface Named {
  /** Ids of checks, of which one fails; `*` stands for anything. */
  readonly checks: readonly string[];
  /** The node, reflector or session that the check accuses. */
  readonly at: string;
  /** What the failing check found, as far as it tells the fault from others. */
  readonly found?: RegExp;
}

/** What `seamless explain` has to say of the way from a container on one node to a container on another. */
export interface Explained {
  readonly from: NodeId;
  readonly to: NodeId;
  /** What is asked for, where that is another name than the address of the container. */
  readonly asked?: string;
  /** The layer of the first broken link. */
  readonly link: Link;
  readonly at: string;
}

/** What more than one fault changes, beside nodes. */
export type Shared =
  | "reflector"
  | "peer of kubernetes"
  | "sessions of dcos"
  | "pool of kubernetes"
  | "names"
  | "balancer";

/** Something that breaks, or will break, the way between containers. */
export interface Fault {
  readonly name: string;
  readonly layer: Layer;
  /** Planted by `make soak`, and not by `make test`, which has little time. */
  readonly soak?: true;
  /** What it has to itself: nodes whose containers feel it, and parts of the configuration. */
  readonly uses: readonly (NodeId | Shared)[];
  plant(world: World): Promise<unknown>;
  readonly bite: Bite;
  readonly named: Named;
  /** Absent: the fault harms no way between containers that are there. */
  readonly explained?: Explained;
  mend(world: World): Promise<unknown>;
}
