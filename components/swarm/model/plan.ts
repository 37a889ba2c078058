import { z } from "zod";
import type { CoeConfig } from "../../../config/types";
import type { OwnPart } from "../../../plan/kind";
import type { CoePlan } from "../../../plan/types";
import { ownOf } from "./config";

/** The fields of a COE's record that only a swarm has. */
export type SwarmPart = z.infer<typeof part>;
const part = z
  .object({
    /** Name of the network whose tasks have addresses of the plan. */
    network: z.string(),
  })
  .readonly();

/** Reads the fields of a COE's record that only a swarm has. */
export function swarmPart(coe: CoePlan): SwarmPart {
  return part.parse(coe);
}

/** What a plan says of a swarm alone. */
export function ownPart(coe: CoeConfig): OwnPart {
  return { addons: [], network: ownOf(coe).network };
}
