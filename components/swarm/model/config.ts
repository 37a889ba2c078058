import { z } from "zod";
import type { CoeDraft } from "../../../config/draft";
import { type Readable, readable } from "../../../config/readable";
import { type SshConfig, sshSchema } from "../../../config/ssh";
import type { CoeConfig } from "../../../config/types";

/** Fields of a swarm's record that no other kind has. */
export const fields = {
  /** Name of the network whose tasks have addresses of the plan; made by the update. Default: seamless. */
  network: z.string().default("seamless"),
};

/** How a swarm that is there already is reached: each node by SSH. */
export const accessFields = {
  /** Each node at its own address. */
  ssh: sshSchema.exactOptional(),
};

const own = z.object(fields);
const access = z.object(accessFields);
export type SwarmConfig = z.infer<typeof own>;
export type SwarmAccess = z.infer<typeof access>;

/** A swarm's own fields of a configuration that is valid. */
export function ownOf(coe: CoeConfig): SwarmConfig {
  return own.parse(coe);
}

/** How the nodes of a swarm are reached, of a configuration that is valid. */
export function sshOf(given: unknown): SshConfig {
  return access.parse(given).ssh ?? {};
}

/** What can be read of a swarm's own fields, and of how it is reached. */
export function draftOf(coe: CoeDraft): Readable<SwarmConfig> & {
  readonly access: Readable<SwarmAccess> | undefined;
} {
  return {
    ...readable(own, coe.written),
    access: coe.access === undefined ? undefined : (readable(access, coe.access) ?? {}),
  };
}
