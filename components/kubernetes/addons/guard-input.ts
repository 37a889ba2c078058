import { z } from "zod";

/** Input of the step `kubernetes-addons`. The kubeconfig comes by the environment. */
export const addonsGuardInput = z.strictObject({
  /** Name of the COE, for messages. */
  coe: z.string(),
  /** Names of the add-ons that are to be made. */
  addons: z.array(z.string()),
  context: z.string().exactOptional(),
});

export type AddonsGuardInput = z.infer<typeof addonsGuardInput>;

/** The step's standard input. */
export function guardInput(
  coe: string,
  addons: readonly string[],
  context: string | undefined,
): string {
  const input: AddonsGuardInput = {
    coe,
    addons: [...addons].sort(),
    ...(context === undefined ? {} : { context }),
  };
  return `${JSON.stringify(input)}\n`;
}
