import { z } from "zod";
import type { CoeDraft } from "../../../config/draft";
import { type Readable, readable } from "../../../config/readable";
import type { CoeConfig } from "../../../config/types";

/** Fields of a swarm's record that no other kind has. */
export const fields = {
  /** Name of the network whose tasks have addresses of the plan; made by the update. Default: seamless. */
  network: z.string().default("seamless"),
};

const own = z.object(fields);
export type SwarmConfig = z.infer<typeof own>;

/** A swarm's own fields of a configuration that is valid. */
export function ownOf(coe: CoeConfig): SwarmConfig {
  return own.parse(coe);
}

/** What can be read of a swarm's own fields. */
export function draftOf(coe: CoeDraft): Readable<SwarmConfig> {
  return readable(own, coe.written) ?? {};
}
