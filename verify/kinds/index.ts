import { dcosProbe } from "./dcos";
import { kubernetesProbe } from "./kubernetes";
import type { MakeProbe } from "./types";

/** By kind of engine. A kind without an entry is still checked for sessions, RIB and kernel routes. */
export const kindProbes: Readonly<Record<string, MakeProbe>> = {
  dcos: dcosProbe,
  kubernetes: kubernetesProbe,
};
