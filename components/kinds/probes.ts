import type { MakeProbe } from "../ask/probe";
import { dcosProbe } from "../dcos/verify/index";
import { kubernetesProbe } from "../kubernetes/verify/index";

/** By kind of engine. A kind without an entry is still checked for sessions, RIB and kernel routes. */
export const kindProbes: Readonly<Record<string, MakeProbe>> = {
  dcos: dcosProbe,
  kubernetes: kubernetesProbe,
};
