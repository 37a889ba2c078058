import { applyStep } from "../../linux/step";

/** Brings what speaks BGP on one node, and who is let in there, to the plan. */
export const run = applyStep;
