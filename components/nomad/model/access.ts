import { z } from "zod";
import type { CoeDraft } from "../../../config/draft";
import { type Readable, readable } from "../../../config/readable";
import { sshSchema } from "../../../config/ssh";

const text = z.string().exactOptional();

/** How a cluster that is there already is reached. */
export const accessFields = {
  /** URL of a server's HTTP API. */
  url: text,
  /** File with the certificates that sign the server's. Default: those that Node.js knows. */
  ca: text,
  /** Whether a token may go over plain HTTP to another machine, where anyone on the path can read it. Default: false. */
  allowHttp: z.boolean().exactOptional(),
  /** How clients are reached. Default: as root at port 22, with the keys that ssh knows by itself. */
  ssh: sshSchema.exactOptional(),
};

const access = z.object(accessFields);
export type NomadAccessConfig = z.infer<typeof access>;

/** How a cluster is reached, of a configuration that is valid. */
export function accessConfigOf(given: unknown): NomadAccessConfig {
  return access.parse(given);
}

/** What can be read of it; undefined in the lab. */
export function accessDraft(coe: CoeDraft): Readable<NomadAccessConfig> | undefined {
  return coe.access === undefined ? undefined : (readable(access, coe.access) ?? {});
}
