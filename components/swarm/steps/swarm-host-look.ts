import { lookStep } from "../../linux/step";

/** Looks at one node before anything is changed there. */
export const run = lookStep;
