import type { StartEngine } from "../../lab/start";
import { startDcos } from "../dcos/lab/start";
import { startKubernetes } from "../kubernetes/lab/start";

/** How each kind of engine is started. */
export const starters: Readonly<Record<string, StartEngine>> = {
  dcos: startDcos,
  kubernetes: startKubernetes,
};
