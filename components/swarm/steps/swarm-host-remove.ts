import { removeStep } from "../../linux/step";

/** Takes it away again. */
export const run = removeStep;
