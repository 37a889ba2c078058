import type { HostKind } from "../../lab/hosts/types";
import { dcosHosts } from "../dcos/lab";
import { kubernetesHosts } from "../kubernetes/lab";

/** Every kind of engine the lab has hosts for. */
export const hostKinds: Readonly<Record<string, HostKind>> = {
  dcos: dcosHosts,
  kubernetes: kubernetesHosts,
};
