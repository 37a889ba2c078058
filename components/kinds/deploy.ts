import type { CoeDeploy } from "../contract/deploy";
import { dcos } from "../dcos/deploy";
import { hosts } from "../hosts/deploy";
import { kubernetes } from "../kubernetes/deploy";
import { nomad } from "../nomad/deploy";
import { openshift } from "../openshift/deploy";
import { swarm } from "../swarm/deploy";
import type { KindName } from "./names";

/** By kind: how the program applies the plan to COEs. */
export const coeDeploys = {
  dcos,
  hosts,
  kubernetes,
  nomad,
  openshift,
  swarm,
} satisfies Record<KindName, CoeDeploy>;
