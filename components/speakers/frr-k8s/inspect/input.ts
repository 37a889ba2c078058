import { z } from "zod";
import { type CoePlan, coePlanSchema } from "../../../../plan/types";
import type { FRRConfiguration } from "../types";

/** Input of the step `frr-inspect`: what the cluster is compared with. The kubeconfig comes by the environment. */
export interface FrrInspectInput {
  readonly coe: CoePlan;
  readonly objects: readonly FRRConfiguration[];
  /** Context in the kubeconfig. Default: its current one. */
  readonly context?: string;
}

const isConfiguration = (value: unknown): value is FRRConfiguration =>
  typeof value === "object" && value !== null && "spec" in value && "metadata" in value;

export const frrInspectInput: z.ZodType<FrrInspectInput> = z.strictObject({
  coe: coePlanSchema,
  objects: z.array(z.custom<FRRConfiguration>(isConfiguration)).readonly(),
  context: z.string().exactOptional(),
});
