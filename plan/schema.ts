import { z } from "zod";

const ranges = z.union([z.string(), z.array(z.string())]);

/** The plan's records as they are read back: from stack outputs, and by steps that get a part on standard input. */
const node = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  role: z.string(),
  asn: z.number(),
  speaker: z.boolean(),
});

export const coePlanSchema = z.object({
  name: z.string(),
  kind: z.string(),
  deployed: z.boolean(),
  podCidr: ranges,
  retiring: z.array(z.string()).exactOptional(),
  pool: z.union([z.string(), z.record(z.string(), z.string())]).exactOptional(),
  serviceCidr: z.string().exactOptional(),
  announced: z.object({
    clusterIPs: z.string().exactOptional(),
    loadBalancerIPs: z.string().exactOptional(),
    externalIPs: z.string().exactOptional(),
  }),
  balancers: z.array(z.string()).exactOptional(),
  loadBalancerPool: z.literal(false).exactOptional(),
  policy: z.object({
    mode: z.enum(["open", "cross-coe", "closed"]),
    from: z.array(z.string()),
    hosts: z.array(z.string()).exactOptional(),
    overrides: z.array(z.string()).exactOptional(),
  }),
  natOutgoing: z.boolean(),
  names: z.object({ zones: z.array(z.string()), servers: z.array(z.string()) }).exactOptional(),
  forwards: z.record(z.string(), z.array(z.string())),
  addons: z.array(z.string()),
  packages: z.array(z.string()).exactOptional(),
  balancerReads: z.enum(["login", "direct"]).exactOptional(),
  publicApps: z.literal(true).exactOptional(),
  datastore: z.array(z.string()).exactOptional(),
  datastoreTls: z.literal(true).exactOptional(),
  calicoApi: z.literal("v1").exactOptional(),
  blockSize: z.number(),
  blocks: z.number(),
  nodes: z.record(z.string(), node),
});

const end = z.object({ id: z.string(), address: z.string(), asn: z.number() });

export const planSchema = z.object({
  schemaVersion: z.literal(1),
  supernet: ranges.exactOptional(),
  nodeNetwork: ranges,
  asn: z.number(),
  coes: z.record(z.string(), coePlanSchema),
  reflectors: z.record(
    z.string(),
    z.object({
      name: z.string(),
      kind: z.string(),
      address: z.string(),
      asn: z.number(),
      clusterId: z.string(),
      port: z.number().exactOptional(),
    }),
  ),
  sessions: z.record(
    z.string(),
    z.object({
      name: z.string(),
      reflector: end,
      node: end,
      kind: z.enum(["ibgp", "ebgp"]),
      client: z.boolean(),
      replacePeerAs: z.literal(true).exactOptional(),
    }),
  ),
  fences: z.record(
    z.string(),
    z.object({
      node: z.string(),
      address: z.string(),
      prefixes: z.array(
        z.object({ cidr: z.string(), minLength: z.number(), maxLength: z.number() }),
      ),
    }),
  ),
});
