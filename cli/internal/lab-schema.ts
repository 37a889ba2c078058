import { z } from "zod";

/** An engine of the plan, as a step gets it. */
export const coePlan = z.object({
  name: z.string(),
  kind: z.string(),
  deployed: z.boolean(),
  podCidr: z.string(),
  serviceCidr: z.string().exactOptional(),
  blockSize: z.number(),
  blocks: z.number(),
  nodes: z.record(
    z.string(),
    z.object({
      id: z.string(),
      name: z.string(),
      address: z.string(),
      role: z.string(),
      asn: z.number(),
      speaker: z.boolean(),
    }),
  ),
});

export const ports = z.object({ kubernetes: z.number(), etcd: z.number(), marathon: z.number() });
