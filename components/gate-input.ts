/** What the gate and its steps tell each other. */
import { z } from "zod";

/** By the environment, for it holds credentials. */
export const accessVariable = "SEAMLESS_ACCESS";

/** Names a file into which the gate writes why it refuses: `seamless up` goes back then. */
export const refusalVariable = "SEAMLESS_GATE_REFUSAL";

/** Set where an update takes back a change that the gate has refused: what fails was there before, so it is only told. */
export const backVariable = "SEAMLESS_GATE_BACK";

/** For how many seconds the gate asks what does not pass. Default: 120. */
export const patienceVariable = "SEAMLESS_GATE_SECONDS";

/** What the steps of the gate print, as far as others read it. */
export const gateResult = z.object({ traffic: z.record(z.string(), z.unknown()) });
