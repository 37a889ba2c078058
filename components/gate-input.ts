/** What the gate and its steps tell each other. */
import { z } from "zod";

/** By the environment, for it holds credentials. */
export const accessVariable = "SEAMLESS_ACCESS";

/** What the steps of the gate print, as far as others read it. */
export const gateResult = z.object({ traffic: z.record(z.string(), z.unknown()) });
