import { z } from "zod";
import type { CoePlan } from "../../../plan/types";
import { coePlanSchema } from "../../../plan/types";
import type { CalicoPlan } from "../../speakers/calico/types";
import { type Past, pastSchema } from "../past";

/** Input of the step `kubernetes-inspect`: what the cluster is compared with. The kubeconfig comes by the environment. */
export interface InspectInput {
  readonly coe: CoePlan;
  readonly calico: CalicoPlan;
  /** Context in the kubeconfig. Default: its current one. */
  readonly context?: string;
}

/** Input of the step `kubernetes-give-back`. */
export interface GiveBackInput {
  readonly context?: string;
  /** Null where nothing was there before. */
  readonly past: Past | null;
}

export const giveBackInput: z.ZodType<GiveBackInput> = z.strictObject({
  context: z.string().exactOptional(),
  past: pastSchema.nullable(),
});

const isCalicoPlan = (value: unknown): value is CalicoPlan =>
  typeof value === "object" && value !== null && "podCidr" in value && "foreign" in value;

export const inspectInput: z.ZodType<InspectInput> = z.strictObject({
  coe: coePlanSchema,
  calico: z.custom<CalicoPlan>(isCalicoPlan),
  context: z.string().exactOptional(),
});
