import { type ClusterEndpoints, clusterDeploy } from "../cluster/deploy";
import type { CoeDeploy } from "../contract/deploy";
import { OpenshiftPeering } from "./peering";

/** OpenShift: everything by its API. */
export const openshift: CoeDeploy<ClusterEndpoints> = {
  ...clusterDeploy,
  make: (name, { given: _, ...args }, options) => new OpenshiftPeering(name, args, options),
};
