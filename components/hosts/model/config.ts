import { z } from "zod";
import type { CoeDraft } from "../../../config/draft";
import { type Readable, readable } from "../../../config/readable";
import { type SshConfig, sshSchema } from "../../../config/ssh";
import type { CoeConfig } from "../../../config/types";

/** What runs containers on the hosts. */
export type Containers = z.infer<typeof containers>;
const containers = z.enum(["docker", "containerd", "none"]);

/** Fields of such a COE's record that no other kind has. */
export const fields = {
  /** What runs containers on its hosts. Default: docker. */
  containers: containers.default("docker"),
};

/** How hosts that are there already are reached. */
export const accessFields = {
  /** By SSH; each host at its own address. */
  ssh: sshSchema.exactOptional(),
};

const own = z.object(fields);
const access = z.object(accessFields);
export type HostsConfig = z.infer<typeof own>;

/** Its own fields of a configuration that is valid. */
export function ownOf(coe: CoeConfig): HostsConfig {
  return own.parse(coe);
}

/** How its hosts are reached, of a configuration that is valid. */
export function sshOf(given: unknown): SshConfig | undefined {
  return access.parse(given).ssh;
}

/** What can be read of its own fields, and of how it is reached. */
export function draftOf(coe: CoeDraft): {
  readonly containers: string | undefined;
  readonly ssh: Readable<SshConfig> | undefined;
} {
  const { containers: runtime } = readable(own, coe.written) ?? {};
  const { ssh } = readable(access, coe.access ?? {}) ?? {};
  return { containers: runtime, ssh };
}
