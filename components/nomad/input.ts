import { z } from "zod";
import { shellSchema } from "../../plan/access";
import { coePlanSchema } from "../../plan/types";
import { type NomadAccess, reachFields, stepAccess } from "./api/access";

/*
 * The inputs of steps. Secrets come by the environment.
 */

/** Input of `nomad-inspect`. */
export type NomadInspectInput = z.infer<typeof nomadInspectInput>;
export const nomadInspectInput = z.strictObject({
  ...reachFields,
  /** By name of the node, how a program is run there. */
  hosts: z.record(z.string(), shellSchema).readonly(),
  coe: coePlanSchema,
});

/** Input of `nomad-network` and `nomad-network-delete`: the CNI network of one client. */
export type NomadNetworkInput = z.infer<typeof nomadNetworkInput>;
export const nomadNetworkInput = z.strictObject({
  ...reachFields,
  /** Node id, for messages. */
  name: z.string(),
  /** How programs are run there; its key, where that is a secret, is in the environment. */
  shell: shellSchema,
  node: z.object({ name: z.string(), address: z.string() }).readonly(),
  file: z
    .object({ network: z.string(), path: z.string(), text: z.string(), unit: z.string() })
    .readonly(),
});

/** Input of `nomad-job` and `nomad-job-delete`. */
export type NomadJobInput = z.infer<typeof nomadJobInput>;
export const nomadJobInput = z.strictObject({
  ...reachFields,
  /** As the API takes it. */
  job: z.looseObject({ ID: z.string() }),
  /** How many allocations are to run. */
  count: z.int(),
});

/** How the API is reached by who runs a step. */
export function accessOf(
  { url, ca }: { readonly url: string; readonly ca?: string },
  env: NodeJS.ProcessEnv,
): NomadAccess {
  return stepAccess({ url, ...(ca === undefined ? {} : { ca }) }, env);
}
