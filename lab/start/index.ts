import { startDcos } from "./dcos";
import { startKubernetes } from "./kubernetes";
import type { StartEngine } from "./types";

/** How each kind of engine is started. */
export const starters: Readonly<Record<string, StartEngine>> = {
  dcos: startDcos,
  kubernetes: startKubernetes,
};
