import type { PoolNames, Ranges } from "../util/ranges";

/**
 * The plan: everything that follows from the configuration alone. Plain data, frozen, keyed by name and
 * sorted, so that two plans can be compared as text and a change touches only what it is about.
 */
export interface Plan {
  readonly schemaVersion: 1;
  /** The ranges every container address comes from, as canonical CIDRs; absent where the plan has none. See supernets(). */
  readonly supernet?: Ranges;
  /** The networks the nodes and the reflectors are on. See nodeNetworks(). */
  readonly nodeNetwork: Ranges;
  /** The autonomous system the reflectors speak for (RFC 4271). */
  readonly asn: number;
  readonly coes: Readonly<Record<string, CoePlan>>;
  readonly reflectors: Readonly<Record<string, ReflectorPlan>>;
  /** By session name: `<reflector>/<coe>/<node>`. */
  readonly sessions: Readonly<Record<string, SessionPlan>>;
  /** By node id, `<coe>/<node>`: what the reflectors accept from that node. */
  readonly fences: Readonly<Record<string, FencePlan>>;
}

/** One container orchestration engine. */
export interface CoePlan {
  readonly name: string;
  readonly kind: string;
  /** False while the engine is planned and its neighbours are known, but nothing is applied to it yet. */
  readonly deployed: boolean;
  /** The ranges of its containers: the first is the one it began with. See podRanges(). */
  readonly podCidr: Ranges;
  /** Those of them that give no new addresses. Sorted. Absent where there are none. See activeRanges(). */
  readonly retiring?: readonly string[];
  /** Name of Calico's pool that was there before, or names by range; absent where the plan makes them. See poolNames(). */
  readonly pool?: PoolNames;
  /** Range of service addresses, when there is one. */
  readonly serviceCidr?: string;
  /** The ranges beside podCidr that its nodes announce. */
  readonly announced: AnnouncedRanges;
  /**
   * Names of the nodes whose load balancers announce loadBalancerIPs by themselves. Sorted. Absent where Calico announces
   * all ranges of services, from every node.
   */
  readonly balancers?: readonly string[];
  /** False where addresses of loadBalancerIPs are assigned by somebody else than Calico; else absent. */
  readonly loadBalancerPool?: false;
  /** Who reaches its containers. */
  readonly policy: PolicyPlan;
  /** Whether its containers reach the world outside the plan by their node's address. */
  readonly natOutgoing: boolean;
  /** By what others resolve its names; absent where they do not. */
  readonly names?: NamesPlan;
  /** By zone, the name servers of other engines that its own name servers ask. Sorted. */
  readonly forwards: Readonly<Record<string, readonly string[]>>;
  /** Names of the add-ons that are made in it. Sorted. */
  readonly addons: readonly string[];
  /** Names of the packages that are installed in it. Sorted. Absent where there are none. */
  readonly packages?: readonly string[];
  /** Whether its second Marathon is offered public agents, too; absent where it is not. */
  readonly publicApps?: true;
  /**
   * How marathon-lb reads its Marathon where not by Admin Router without a login: with a service account's secret, or at an
   * address of Marathon's own. Absent elsewhere.
   */
  readonly balancerReads?: "login" | "direct";
  /**
   * Members of the package etcd, which is Calico's datastore, as its own nodes find them: `name:port`. Wherever a member
   * is, its name stays. Sorted. Absent without that package.
   */
  readonly datastore?: readonly string[];
  /** Whether those members speak TLS; absent where they do not. */
  readonly datastoreTls?: true;
  /** The API of its Calico's objects; absent where it is v3. */
  readonly calicoApi?: "v1";
  /** Prefix length of the block one node takes at a time (Calico IPAM). */
  readonly blockSize: number;
  /** How many blocks its ranges hold together. */
  readonly blocks: number;
  /** By node name. */
  readonly nodes: Readonly<Record<string, NodePlan>>;
}

/** Ranges of addresses that lead to services. */
export interface AnnouncedRanges {
  readonly clusterIPs?: string;
  readonly loadBalancerIPs?: string;
  readonly externalIPs?: string;
}

/** Name servers of an engine. */
export interface NamesPlan {
  /** Zones they answer for, as domain names without the last dot. Sorted. */
  readonly zones: readonly string[];
  /** `address:port` of each. Sorted. */
  readonly servers: readonly string[];
}

export interface PolicyPlan {
  /** `open`: everybody; `cross-coe`: the own COE and those named; `closed`: the own COE. */
  readonly mode: "open" | "cross-coe" | "closed";
  /** Names of the COEs that are let in; empty but for `cross-coe`. Sorted. */
  readonly from: readonly string[];
  /** Ranges of hosts outside the plan that are let in, too. Sorted. Absent where there are none. */
  readonly hosts?: readonly string[];
  /**
   * Policies of the cluster that may lose their effect by `open`, as `NetworkPolicy/shop/deny-all`, or `all`. Sorted. Absent
   * where there are none.
   */
  readonly overrides?: readonly string[];
}

export interface NodePlan {
  /** Unique in the plan: `<coe>/<node>`. */
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** What the node is for, in the words of its kind: controller, worker, master, private, public. */
  readonly role: string;
  readonly asn: number;
  /** Whether the node speaks BGP: a DC/OS master runs no containers and has no session, unless it is asked to. */
  readonly speaker: boolean;
}

export interface ReflectorPlan {
  readonly name: string;
  readonly kind: string;
  readonly address: string;
  readonly asn: number;
  /** RFC 4456 cluster-id; its own address unless the configuration says another. */
  readonly clusterId: string;
  /** TCP port at which it takes sessions; absent where it is 179. */
  readonly port?: number;
}

/** A session has two ends in one record; both configurations are rendered from it. */
export interface SessionPlan {
  readonly name: string;
  readonly reflector: SessionEnd;
  readonly node: SessionEnd;
  /** `ibgp` when both ends are in the same autonomous system. */
  readonly kind: "ibgp" | "ebgp";
  /** Whether the reflector treats the node as a client (RFC 4456); only ever true for ibgp. */
  readonly client: boolean;
  /**
   * Whether the reflector writes its own AS in place of the node's into the paths it sends: other nodes of that AS have
   * it in theirs, and nobody takes, nor GoBGP sends, a path with the receiver's AS (RFC 4271 9.1.2). Absent for ibgp.
   */
  readonly replacePeerAs?: true;
}

export interface SessionEnd {
  /** Reflector name, or node id. */
  readonly id: string;
  readonly address: string;
  readonly asn: number;
}

/** What a reflector accepts from one node; all else is refused. */
export interface FencePlan {
  readonly node: string;
  /** The neighbour, which is also the only accepted next hop. */
  readonly address: string;
  readonly prefixes: readonly FencePrefix[];
}

export interface FencePrefix {
  readonly cidr: string;
  readonly minLength: number;
  readonly maxLength: number;
}
