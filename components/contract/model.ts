import type { PlannedKind } from "../../plan/kind";

/** The pure side of a kind of COE: what the configuration and the plan ask of it. */
export interface CoeModel extends PlannedKind {}
