import { z } from "zod";
import { parseAsNumber } from "../util/as-number";
import { poolNamesSchema, rangesSchema } from "../util/ranges";

/*
 * The records of the configuration, keyed by the user's names. Each has one schema, and its type is what the schema says;
 * docs/configuration.md lists the rules that config/rules.ts adds. A kind of COE has fields of its own, and so has a kind of reflector: see config/kind.ts.
 */

const text = z.string();
const texts = z.array(text).readonly();

export const port = z
  .int()
  .refine((value) => value >= 1 && value <= 65535, { error: "allowed: 1 to 65535" });

export const oneOrMore = (map: object) => Object.keys(map).length > 0;

/** One range, or a list of them. */
const ranges = rangesSchema.refine((given) => typeof given === "string" || oneOrMore(given), {
  error: "allowed: one range or more in it",
});

/** A number, or a text with one or with two halves and a dot between ("64512.10"). */
const asNumber = z.preprocess(
  (given) => (typeof given === "string" ? (parseAsNumber(given) ?? given) : given),
  z.number(),
);

function isWhole(given: unknown): given is number {
  return typeof given === "number" && Number.isInteger(given);
}

/** A network of nodes with a name: one segment. */
export type RackConfig = z.infer<typeof rackSchema>;
const rackSchema = z
  .strictObject({
    /** The addresses of its nodes, as a canonical CIDR, or one of each family. */
    cidr: ranges,
    /** The router by which its nodes reach the other racks: IPv4, or IPv6 where it has no IPv4. Absent: not known. */
    gateway: text.exactOptional(),
    /** That router's IPv6 address beside an IPv4 one. Absent: not known. */
    gateway6: text.exactOptional(),
    /** The autonomous system of its nodes, with an AS for each rack. Absent: they have the network's. */
    asn: asNumber.exactOptional(),
  })
  .readonly();

/** Networks of nodes: one range, a list of them, or racks by name. */
const nodeRanges = z
  .union([text, texts, z.record(text, rackSchema).readonly()])
  .refine((given) => typeof given === "string" || oneOrMore(given), {
    error: "allowed: one range or more in it",
  });

/** Who has sessions with whom; the first is the default. */
export const topologies = ["reflectors", "mesh"] as const;
export type TopologyName = (typeof topologies)[number];

export type NetworkConfig = z.infer<typeof networkSchema>;
export const networkSchema = z
  .strictObject({
    /** The ranges every container address comes from, of either family. Absent: container ranges may be anywhere. */
    supernet: ranges.exactOptional(),
    /** The networks the nodes and the reflectors are on. */
    nodes: nodeRanges,
    /**
     * A /96 of IPv6 in which everything of IPv4 in this file has its like: networks, ranges and addresses, each with its IPv4
     * address in the last 32 bits. Default: none; what is to have IPv6 is written out.
     */
    ipv6: text.exactOptional(),
    /** The autonomous system of the reflectors, and of nodes for which no other is written (RFC 4271, RFC 6793). */
    asn: asNumber,
    /** Who has sessions with whom: nodes with the reflectors, or nodes with each other. Default: reflectors. */
    topology: z.enum(topologies).exactOptional(),
    /** Who has an autonomous system of its own, which is then written in this file. Default: shared. */
    asns: z.enum(["shared", "perCoe", "perRack", "perServer"]).exactOptional(),
    /**
     * Whether both ends of a session on one segment take only packets that have passed no router (RFC 5082): nobody
     * beyond the segment, and no container, speaks BGP with them. Default: false.
     */
    ttlSecurity: z.boolean().exactOptional(),
    /**
     * Whether both ends of a session on one segment watch each other with BFD (RFC 5880), where both can: a node that fails is
     * noticed in less than a second, and one whose daemon alone has stopped loses its routes as soon. Default: false.
     */
    bfd: z.boolean().exactOptional(),
    /**
     * Whether nodes refuse what no router of the plan has to send them, by a BGPFilter at their sessions (Calico 3.31 or
     * later): a default route, networks of nodes, ranges of nobody. Default: false.
     */
    nodeFilters: z.boolean().exactOptional(),
    /**
     * Seconds without a word of a node after which a reflector gives its session up; it sends one itself three times as often
     * (RFC 4271). Default: 90.
     */
    holdTime: z
      .custom<number>((given) => isWhole(given) && given >= 3 && given <= 90, {
        error: "allowed: 3 to 90 seconds",
      })
      .exactOptional(),
    /** Prefix length of the block one node takes at a time. Default: 26, as in Calico IPAM. */
    blockSize: z.number().default(26),
    /** The same for IPv6. Default: 122, as in Calico IPAM. */
    blockSize6: z.number().exactOptional(),
  })
  .readonly();

/** Fields of a reflector of any kind. */
export const reflectorFields = {
  kind: text,
  /** IPv4, or IPv6 where it has no IPv4. */
  address: text,
  /** Its IPv6 address beside an IPv4 one. Default: none. */
  address6: text.exactOptional(),
  /** BGP identifier (RFC 4271), written like an IPv4 address. Default: its IPv4 address; needed where it has none. */
  routerId: text.exactOptional(),
  /** RFC 4456 cluster-id, written like an address. Default: its BGP identifier. */
  clusterId: text.exactOptional(),
  /** TCP port at which it takes sessions; it asks nodes at 179. Default: 179. */
  port: port.exactOptional(),
  /** Default: the network's. */
  asn: asNumber.exactOptional(),
  /** The rack whose router it is: the rack's nodes have sessions with it, and it forwards to other racks. Absent: of none. */
  rack: text.exactOptional(),
};

/** A reflector; fields that its kind adds are left as they are written. */
export type ReflectorConfig = z.infer<typeof reflectorSchema>;
export const reflectorSchema = z.looseObject(reflectorFields).readonly();

/** A reflector as it is written, whatever its kind. */
export const writtenReflector = z.object(reflectorFields);

/** Name servers of a COE that the others' name servers ask. */
export type NamesConfig = z.infer<typeof namesSchema>;
const namesSchema = z
  .strictObject({
    /** Zones they answer for. Default: those of the kind. */
    zones: texts.exactOptional(),
    /** Their addresses, with `:port` where it is not 53. Default: those of the kind. */
    servers: texts.exactOptional(),
  })
  .readonly();

/** `open`: everything; `cross-coe`: the named COEs and the own one; `closed`: the own one. */
export type PolicyMode = z.infer<typeof policyMode>;
const policyMode = z.enum(["open", "cross-coe", "closed"]);

export type NodeConfig = z.infer<typeof nodeSchema>;
export const nodeSchema = z
  .strictObject({
    /** IPv4, or IPv6 where it has no IPv4. */
    address: text,
    /** Its IPv6 address beside an IPv4 one. Default: none. */
    address6: text.exactOptional(),
    /** In the words of the kind. Default: the kind's plain worker. */
    role: text.exactOptional(),
    /** Default: the COE's. */
    asn: asNumber.exactOptional(),
    /** Whether it has a session with the reflectors. Default: by its role. */
    speaker: z.boolean().exactOptional(),
    /**
     * The range of its own containers, or one of each family, inside the COE's podCidr: the one block that it announces.
     * Needed where the COE's speaker announces a range per node; absent where nodes take blocks.
     */
    podCidr: ranges.exactOptional(),
  })
  .readonly();

/** Fields of a probe of any kind; a kind may have more. */
export const probeFields = {
  /** How many servers. Default: one for each node that may run one. */
  instances: z.int().min(1, { error: "allowed: 1 or more" }).exactOptional(),
  /** Image of the probe. Default: the lab's own; needed elsewhere. */
  image: text.exactOptional(),
};

/** Fields of a COE of any kind, but for those that are not written as they are used. */
export const coeFields = {
  kind: text,
  /** What speaks BGP on its nodes. Default: the kind's usual one. */
  speaker: text.exactOptional(),
  /** The autonomous system of its nodes that name none. Default: the network's. */
  asn: asNumber.exactOptional(),
  /** Most prefixes that a reflector takes from one of its nodes; `plan`: as many as follow from it. Default: any number. */
  prefixLimit: z
    .custom<number | "plan">((given) => given === "plan" || (isWhole(given) && given > 0), {
      error: "allowed: 1 or more, or plan",
    })
    .exactOptional(),
  /** Ranges of its containers. The first is the one it began with; more are added behind it. */
  podCidr: ranges,
  /** Ranges of podCidr that give no new addresses, while containers move to the others. Default: none. */
  retiring: texts.exactOptional(),
  /**
   * Name of Calico's pool of podCidr where there is one already, which is taken over and kept; with several ranges a map
   * from range to name. Default: after its range.
   */
  pool: poolNamesSchema.exactOptional(),
  /** Range of its services' addresses, or one of each family. */
  serviceCidr: ranges.exactOptional(),
  /** Whether addresses of services are reachable from the other COEs. Default: false. */
  announceServices: z.boolean().default(false),
  /** Range for addresses of load balancers, or one of each family; announced. Absent: none. */
  loadBalancerCidr: ranges.exactOptional(),
  /**
   * Whether Calico assigns the addresses of loadBalancerCidr, from a pool of the plan. False: somebody else does, such as
   * MetalLB, and Calico announces them. Default: true.
   */
  loadBalancerPool: z.boolean().exactOptional(),
  /** Range of services' external addresses, or one of each family; announced. Absent: none. */
  externalCidr: ranges.exactOptional(),
  /** False: plan it and make it known to the reflectors, but apply nothing to it yet. Default: true. */
  deploy: z.boolean().default(true),
  /** With `cross-coe`: names of the COEs whose containers are let in. */
  allowFrom: texts.exactOptional(),
  /** With `cross-coe` and `closed`: ranges of hosts outside the plan that are let in, too. Default: none. */
  allowFromHosts: texts.exactOptional(),
  /** With `open`: policies of the cluster that may lose their effect, or `all`. Default: none. */
  policyOverrides: texts.exactOptional(),
  /** Whether its containers reach the world outside the plan by their node's address. Default: false. */
  natOutgoing: z.boolean().default(false),
  /** By what the other COEs resolve its names. Absent: they do not. */
  names: namesSchema.exactOptional(),
};

/** Stands for the nodes that the COE itself says it has. */
export const fromCluster = "fromCluster";

export const nodesSchema = z
  .record(text, nodeSchema)
  .refine(oneOrMore, { error: "allowed: one or more" })
  .readonly();

/** Fields of a COE as they are written, where that differs from how they are used. */
export const writtenFields = {
  /** Default: the network's. */
  blockSize: z.number().exactOptional(),
  /** Default: the network's. */
  blockSize6: z.number().exactOptional(),
  /** Who reaches its containers. Default: in the lab open, as in the reference experiment; elsewhere it must be said. */
  policy: policyMode.exactOptional(),
  nodes: z.union([z.literal(fromCluster), nodesSchema]),
};

/** How a COE that is there already is reached, in the words of its kind. */
export type ExternalAccess = z.infer<typeof externalAccess>;
const externalAccess = z.record(text, z.unknown()).readonly();

/** `embedded`: in the lab, made by the same update. Otherwise how the COE that is there is reached. */
export type AccessConfig = z.infer<typeof accessSchema>;
const accessSchema = z.union([z.literal("embedded"), externalAccess]);

/** A COE with its defaults filled in; fields that its kind adds are left as they are written. */
export type CoeConfig = z.infer<typeof coeSchema>;
export const coeSchema = z
  .looseObject({
    ...coeFields,
    blockSize: z.number(),
    blockSize6: z.number().exactOptional(),
    policy: policyMode,
    nodes: nodesSchema,
    access: accessSchema,
    /** The workload by which `seamless verify` proves traffic. Absent: none is deployed. */
    probe: z.looseObject(probeFields).readonly().exactOptional(),
  })
  .readonly();

/** A COE as it is written, whatever its kind. */
export const writtenCoe = z.object({
  ...coeFields,
  ...writtenFields,
  access: accessSchema,
  probe: z.object(probeFields).exactOptional(),
});

export type LabConfig = z.infer<typeof labSchema>;
export const labSchema = z
  .object({
    /** Names the lab's namespace, network and containers. Default: lab. */
    name: text,
    /** Loopback ports of the machine by which the lab's APIs are reached, by the names that the kinds give them. */
    ports: z.record(text, port).readonly(),
  })
  .readonly();

/** The configuration after validation, with defaults filled in. */
export interface Config {
  readonly network: NetworkConfig;
  readonly reflectors: Readonly<Record<string, ReflectorConfig>>;
  readonly coes: Readonly<Record<string, CoeConfig>>;
  /** Present when at least one COE is `embedded`. */
  readonly lab?: LabConfig;
  /** Whether an update narrows only after checks have passed, and counts what is lost meanwhile. Absent: it does not. */
  readonly gate?: true;
  /** Names in `seamless:bgpPasswords`, sorted: COEs whose BGP sessions have a password. Absent: none. */
  readonly bgpPasswords?: readonly string[];
}
