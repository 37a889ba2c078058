import type { LabKind, LabRouter } from "../../lab/contract";
import { dcosLab } from "../dcos/lab";
import { hostsLab } from "../hosts/lab";
import { kubernetesLab } from "../kubernetes/lab";
import { nomadLab } from "../nomad/lab";
import { externalLab } from "../reflector/external/lab";
import { swarmLab } from "../swarm/lab";
import type { KindName, OwnRouterKindName, RouterKindName } from "./names";

/** By kind: how the lab makes COEs. The order is that of packages in the hosts' image, which stacks know by its digest. */
export const labKinds = {
  dcos: dcosLab,
  kubernetes: kubernetesLab,
  hosts: hostsLab,
  swarm: swarmLab,
  nomad: nomadLab,
  // Its software cannot be had.
  openshift: undefined,
} satisfies Record<KindName, LabKind | undefined>;

/** By kind of reflector: how the lab makes the router of an owner. The others are containers that we run. */
export const labRouters = { external: externalLab } satisfies Record<
  Exclude<RouterKindName, OwnRouterKindName>,
  LabRouter
>;
