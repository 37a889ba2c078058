import { z } from "zod";

const text = z.string().exactOptional();

/** How a cluster that is there already is reached. */
export const accessFields = {
  /** Path of a kubeconfig file (`~` is the home folder). */
  kubeconfig: text,
  /** Context in it. Default: its current context. */
  context: text,
  /** Whether a login may go over plain HTTP to another machine, where anyone on the path can read it. Default: false. */
  allowHttp: z.boolean().exactOptional(),
};

const access = z.object(accessFields);
export type ClusterAccess = z.infer<typeof access>;

/** How a cluster is reached, of a configuration that is valid. */
export function accessOf(given: unknown): ClusterAccess {
  return access.parse(given);
}
