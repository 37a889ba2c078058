import { z } from "zod";
import type { CoeDraft } from "../../../config/draft";
import { readable } from "../../../config/readable";
import type { CoeConfig } from "../../../config/types";

/** What runs containers on the hosts. */
export type Containers = z.infer<typeof containers>;
const containers = z.enum(["docker", "containerd", "none"]);

/** Fields of such a COE's record that no other kind has. */
export const fields = {
  /** What runs containers on its hosts. Default: docker. */
  containers: containers.default("docker"),
};

const own = z.object(fields);
export type HostsConfig = z.infer<typeof own>;

/** Its own fields of a configuration that is valid. */
export function ownOf(coe: CoeConfig): HostsConfig {
  return own.parse(coe);
}

/** What can be read of its own fields. */
export function draftOf(coe: CoeDraft): { readonly containers: string | undefined } {
  return { containers: readable(own, coe.written)?.containers };
}
