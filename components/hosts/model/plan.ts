import { z } from "zod";
import type { CoeConfig } from "../../../config/types";
import type { OwnPart } from "../../../plan/kind";
import type { CoePlan } from "../../../plan/types";
import { type Containers, ownOf } from "./config";

const part = z.object({
  /** What runs containers on its hosts; absent where it is Docker. */
  containers: z.enum(["containerd", "none"]).exactOptional(),
});

/** What a plan says of plain hosts alone. */
export function ownPart(coe: CoeConfig): OwnPart {
  const { containers } = ownOf(coe);
  return { addons: [], ...(containers === "docker" ? {} : { containers }) };
}

/** What runs containers on the hosts of a COE of the plan. */
export function containersOf(coe: CoePlan): Containers {
  return part.parse(coe).containers ?? "docker";
}
