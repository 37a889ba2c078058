import { dcosHosts } from "./dcos";
import { kubernetesHosts } from "./kubernetes";
import type { HostKind } from "./types";

/** Every kind of engine the lab has hosts for. */
export const hostKinds: Readonly<Record<string, HostKind>> = {
  dcos: dcosHosts,
  kubernetes: kubernetesHosts,
};
