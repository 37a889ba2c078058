import { z } from "zod";
import { topologies } from "../config/types";
import { poolNamesSchema, rangesSchema } from "../util/ranges";

/*
 * The records of the plan. Each has one schema, which reads it back from stack outputs and from the standard input of steps;
 * its type is what the schema says.
 */

const text = z.string();
const texts = z.array(text).readonly();

/** Ranges of addresses that lead to services: each is one range, or one of each family. See listOf(). */
export type AnnouncedRanges = z.infer<typeof announcedRanges>;
const announcedRanges = z
  .object({
    clusterIPs: rangesSchema.exactOptional(),
    loadBalancerIPs: rangesSchema.exactOptional(),
    externalIPs: rangesSchema.exactOptional(),
  })
  .readonly();

/** Name servers of a COE. */
export type NamesPlan = z.infer<typeof namesPlan>;
const namesPlan = z
  .object({
    /** Zones they answer for, as domain names without the last dot. Sorted. */
    zones: texts,
    /** `address:port` of each. Sorted. */
    servers: texts,
  })
  .readonly();

export type PolicyPlan = z.infer<typeof policyPlan>;
const policyPlan = z
  .object({
    /** `open`: everybody; `cross-coe`: the own COE and those named; `closed`: the own COE. */
    mode: z.enum(["open", "cross-coe", "closed"]),
    /** Names of the COEs that are let in; empty but for `cross-coe`. Sorted. */
    from: texts,
    /** Ranges of hosts outside the plan that are let in, too. Sorted. Absent where there are none. */
    hosts: texts.exactOptional(),
    /**
     * Policies of the cluster that may lose their effect by `open`, as `NetworkPolicy/shop/deny-all`, or `all`. Sorted. Absent
     * where there are none.
     */
    overrides: texts.exactOptional(),
  })
  .readonly();

export type NodePlan = z.infer<typeof nodePlan>;
const nodePlan = z
  .object({
    /** Unique in the plan: `<coe>/<node>`. */
    id: text,
    name: text,
    /** IPv4, or IPv6 where it has no IPv4. See addressOf(). */
    address: text,
    /** Its IPv6 address beside an IPv4 one; absent where it has none. */
    address6: text.exactOptional(),
    /** What the node is for, in the words of its kind. */
    role: text,
    asn: z.number(),
    /** Whether the node speaks BGP: one that runs no containers has no session, unless it is asked to. */
    speaker: z.boolean(),
    /** The rack that it is in; absent where networks of nodes have no names. */
    rack: text.exactOptional(),
    /**
     * The range of its own containers, or one of each family: the one block that it announces. Absent where nodes take
     * blocks of their COE's ranges. See nodeBlocks().
     */
    podCidr: rangesSchema.exactOptional(),
  })
  .readonly();

/** One container orchestration engine. Its kind may have written fields of its own, which it reads by itself. */
export type CoePlan = z.infer<typeof coePlanSchema>;
export const coePlanSchema = z
  .looseObject({
    name: text,
    kind: text,
    /** What speaks BGP on its nodes; absent where it is the usual speaker of its kind. See speakerOf() in components/kinds. */
    speaker: text.exactOptional(),
    /** False while the COE is planned and its neighbours are known, but nothing is applied to it yet. */
    deployed: z.boolean(),
    /** The ranges of its containers: the first is the one it began with. See podRanges(). */
    podCidr: rangesSchema,
    /** Those of them that give no new addresses. Sorted. Absent where there are none. See activeRanges(). */
    retiring: texts.exactOptional(),
    /** Name of Calico's pool that was there before, or names by range; absent where the plan makes them. See poolNames(). */
    pool: poolNamesSchema.exactOptional(),
    /** Range of service addresses, when there is one, or one of each family. See listOf(). */
    serviceCidr: rangesSchema.exactOptional(),
    /** The ranges beside podCidr that its nodes announce. */
    announced: announcedRanges,
    /**
     * Names of the nodes whose load balancers announce loadBalancerIPs by themselves. Sorted. Absent where Calico announces
     * all ranges of services, from every node.
     */
    balancers: texts.exactOptional(),
    /** False where addresses of loadBalancerIPs are assigned by somebody else than Calico; else absent. */
    loadBalancerPool: z.literal(false).exactOptional(),
    /** Who reaches its containers. */
    policy: policyPlan,
    /** Whether its containers reach the world outside the plan by their node's address. */
    natOutgoing: z.boolean(),
    /** By what others resolve its names; absent where they do not. */
    names: namesPlan.exactOptional(),
    /** By zone, the name servers of other COEs that its own name servers ask. Sorted. */
    forwards: z.record(text, texts).readonly(),
    /** Names of the add-ons that are made in it. Sorted. */
    addons: texts,
    /** Names of the packages that are installed in it. Sorted. Absent where there are none. */
    packages: texts.exactOptional(),
    /** The API of its Calico's objects; absent where it is v3. */
    calicoApi: z.literal("v1").exactOptional(),
    /** Prefix length of the block one node takes at a time (Calico IPAM). */
    blockSize: z.number(),
    /** The same for IPv6; absent where it has no IPv6 range. See blockSizeIn(). */
    blockSize6: z.number().exactOptional(),
    /** Whether no node borrows single addresses of another one's block; absent where nodes may. */
    strictAffinity: z.literal(true).exactOptional(),
    /** The mode of its IPv4 pools' tunnel, which no packet takes; absent where they have none. */
    ipipMode: z.literal("CrossSubnet").exactOptional(),
    /** False where no service leads to its own nodes alone, so that none is announced as a single address; else absent. */
    localServices: z.literal(false).exactOptional(),
    /** How many blocks its IPv4 ranges hold together. */
    blocks: z.number(),
    /** By node name. */
    nodes: z.record(text, nodePlan).readonly(),
  })
  .readonly();

export type ReflectorPlan = z.infer<typeof reflectorPlan>;
const reflectorPlan = z
  .object({
    name: text,
    kind: text,
    /** IPv4, or IPv6 where it has no IPv4. See addressOf(). */
    address: text,
    /** Its IPv6 address beside an IPv4 one; absent where it has none. */
    address6: text.exactOptional(),
    asn: z.number(),
    /** BGP identifier (RFC 4271); absent where it is its IPv4 address. See routerIdOf(). */
    routerId: text.exactOptional(),
    /** RFC 4456 cluster-id; its BGP identifier unless the configuration says another. */
    clusterId: text,
    /** TCP port at which it takes sessions; absent where it is 179. */
    port: z.number().exactOptional(),
    /** The rack whose router it is; absent where it serves the nodes of all. */
    rack: text.exactOptional(),
    /** In whose language its configuration is written; absent where its kind says it. */
    dialect: text.exactOptional(),
    /** That nobody can ask it, so that its sessions are seen from the nodes alone; absent where somebody can. */
    unread: z.literal(true).exactOptional(),
    /** Whether it waits for its nodes to connect; absent where it connects to them, too. */
    passive: z.literal(true).exactOptional(),
  })
  .readonly();

/** A network of nodes with a name: one segment. */
export type RackPlan = z.infer<typeof rackPlanSchema>;
export const rackPlanSchema = z
  .object({
    name: text,
    /** The addresses of its nodes, or one range of each family. See listOf(). */
    cidr: rangesSchema,
    /** The router by which its nodes reach the other racks; absent where it is not known. See gatewayOf(). */
    gateway: text.exactOptional(),
    /** Its IPv6 address beside an IPv4 one; absent where that is not known. */
    gateway6: text.exactOptional(),
  })
  .readonly();

/** One router's side of a session: what it is to the other end, and what it does there. */
export type SessionEnd = z.infer<typeof sessionEnd>;
const sessionEnd = z
  .object({
    /** Reflector name, or node id. */
    id: text,
    address: text,
    asn: z.number(),
    /** A `reflector` passes on to its `client` what it learns of others in this AS (RFC 4456); a `peer` does not. */
    role: z.enum(["reflector", "client", "peer"]),
    /** TCP port at which it takes the session; absent where it is 179. */
    port: z.number().exactOptional(),
    /**
     * Whether it writes its own AS in place of the other end's into the paths it sends: other routers of that AS have it in
     * theirs, nobody takes a path with its own AS, and some do not even send it (RFC 4271 9.1.2). Absent for ibgp.
     */
    replacePeerAs: z.literal(true).exactOptional(),
    /**
     * Whether it writes itself as next hop of what it sends, but where the next hop is on the segment that it shares with the
     * other end. Absent: it leaves next hops as they are.
     */
    nextHopSelf: z.literal(true).exactOptional(),
    /** Whether the other end, in another AS, is more than one hop away; absent where both are on one segment. */
    multihop: z.literal(true).exactOptional(),
    /** Seconds that it proposes; absent where its daemon decides. */
    timers: z.object({ hold: z.number(), keepalive: z.number() }).readonly().exactOptional(),
    /**
     * Seconds for which the other end keeps its routes while it is away, and for which it holds updates back after a restart
     * (RFC 4724); absent where its daemon decides.
     */
    gracefulRestart: z
      .object({ restart: z.number(), deferral: z.number() })
      .readonly()
      .exactOptional(),
    /**
     * Whether it sends nothing of what it has learned. A node that passed on routes of other nodes would write itself as their
     * next hop, and packets to their containers would come by it. Absent: it does what its daemon does.
     */
    ownRoutesOnly: z.literal(true).exactOptional(),
    /** How many paths to one prefix it sends (RFC 7911); absent where it sends the best one. */
    sendPaths: z.number().exactOptional(),
  })
  .readonly();

/** AFI and SAFI (RFC 4760). */
export type AddressFamily = z.infer<typeof addressFamily>;
const addressFamily = z.enum(["ipv4-unicast", "ipv6-unicast"]);

/** A session with both its ends: the one record that both configurations, and what is expected of both, come from. */
export type SessionPlan = z.infer<typeof sessionPlan>;
const sessionPlan = z
  .object({
    name: text,
    a: sessionEnd,
    b: sessionEnd,
    families: z.array(addressFamily).readonly(),
    /** Whether the COE's speakers make it by themselves, all with all. Absent: each end is told of the other one. */
    ownMesh: z.literal(true).exactOptional(),
    /** Name of the password of both ends (RFC 2385) in `seamless:bgpPasswords`; absent where there is none. */
    password: text.exactOptional(),
    /** Whether both ends take only packets that have passed no router (RFC 5082). Absent: they take all. */
    ttlSecurity: z.literal(true).exactOptional(),
    /**
     * How both ends watch each other (RFC 5880): milliseconds between two packets, and how many may be missing. Absent: they
     * do not.
     */
    bfd: z.object({ interval: z.number(), multiplier: z.number() }).readonly().exactOptional(),
  })
  .readonly();

export type BfdPlan = NonNullable<SessionPlan["bfd"]>;

export type FencePrefix = z.infer<typeof fencePrefix>;
const fencePrefix = z
  .object({ cidr: text, minLength: z.number(), maxLength: z.number() })
  .readonly();

/** What reflectors accept from one node, or from the router of another rack, in one family; all else is refused. */
export type FencePlan = z.infer<typeof fencePlan>;
const fencePlan = z
  .object({
    /** Id of the node, or name of the router. */
    node: text,
    /** The neighbour, which is also the only accepted next hop. */
    address: text,
    prefixes: z.array(fencePrefix).readonly(),
    /** How many ASs its paths may have; absent for a node, whose paths from another AS have that one alone. */
    longestPath: z.number().exactOptional(),
    /** Most prefixes; absent where any number is accepted. */
    limit: z.number().exactOptional(),
  })
  .readonly();

/**
 * The plan: everything that follows from the configuration alone. Plain data, frozen, keyed by name and
 * sorted, so that two plans can be compared as text and a change touches only what it is about.
 */
export type Plan = z.infer<typeof planSchema>;
export const planSchema = z
  .object({
    schemaVersion: z.literal(2),
    /** The ranges every container address comes from, as canonical CIDRs; absent where the plan has none. See supernets(). */
    supernet: rangesSchema.exactOptional(),
    /** The networks the nodes and the reflectors are on. See nodeNetworks(). */
    nodeNetwork: rangesSchema,
    /** By name, the same networks where they have names; else absent. */
    racks: z.record(text, rackPlanSchema).readonly().exactOptional(),
    /** The autonomous system the reflectors speak for (RFC 4271). */
    asn: z.number(),
    /** Who has sessions with whom; absent where nodes have them with reflectors. */
    topology: z.enum(topologies).exclude(["reflectors"]).exactOptional(),
    /** Who has an AS of its own; absent where nobody has. */
    asns: z.enum(["perCoe", "perRack", "perServer"]).exactOptional(),
    coes: z.record(text, coePlanSchema).readonly(),
    reflectors: z.record(text, reflectorPlan).readonly(),
    /**
     * By session name: `<reflector>/<coe>/<node>`, of which the reflector is the end `a`; or `<id>--<id>` of two routers that are
     * alike, sorted; for IPv6 with `/ipv6` behind it. See isReflector().
     */
    sessions: z.record(text, sessionPlan).readonly(),
    /**
     * What nodes accept from whoever has a session with them: all that anybody of the plan announces. The same for all nodes, so that
     * it is one object in each COE. Absent where they accept everything.
     */
    nodeAcceptance: z.array(fencePrefix).readonly().exactOptional(),
    /**
     * By node id, `<coe>/<node>`: what the reflectors accept from that node; by name of a router of a rack, what those of other
     * racks accept from it; for IPv6 with `/ipv6` behind it. See fenceAt().
     */
    fences: z.record(text, fencePlan).readonly(),
  })
  .readonly();
