import { z } from "zod";
import type { CoePlan } from "../../../plan/types";
import { coePlanSchema } from "../../../plan/types";
import type { CalicoPlan } from "../../speakers/calico/types";
import { type DcosReach, reachFields } from "../api/access";

/** Input of the step `dcos-inspect`: what the cluster is compared with. Secrets come by the environment. */
export interface DcosInspectInput extends DcosReach {
  readonly coe: CoePlan;
  readonly calico: CalicoPlan;
  /** Endpoints of the etcd that is Calico's datastore. */
  readonly etcdEndpoints: readonly string[];
}

const isCalicoPlan = (value: unknown): value is CalicoPlan =>
  typeof value === "object" && value !== null && "podCidr" in value && "foreign" in value;

export const dcosInspectInput: z.ZodType<DcosInspectInput> = z.strictObject({
  ...reachFields,
  coe: coePlanSchema,
  calico: z.custom<CalicoPlan>(isCalicoPlan),
  etcdEndpoints: z.array(z.string()).min(1),
});
