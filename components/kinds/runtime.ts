import type { CoeRuntime } from "../contract/runtime";
import { dcosRuntime } from "../dcos/runtime";
import { hostsRuntime } from "../hosts/runtime";
import { kubernetesRuntime } from "../kubernetes/runtime";
import { nomadRuntime } from "../nomad/runtime";
import { openshiftRuntime } from "../openshift/runtime";
import { swarmRuntime } from "../swarm/runtime";
import type { KindName } from "./names";

/** By kind: how the command line works with COEs that are there. */
export const coeRuntimes = {
  kubernetes: kubernetesRuntime,
  openshift: openshiftRuntime,
  dcos: dcosRuntime,
  hosts: hostsRuntime,
  swarm: swarmRuntime,
  nomad: nomadRuntime,
} satisfies Record<KindName, CoeRuntime>;
