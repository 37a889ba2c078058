import { type ClusterEndpoints, clusterDeploy } from "../cluster/deploy";
import type { CoeDeploy } from "../contract/deploy";
import { FrrPeering } from "../speakers/frr-k8s/peering";
import { ownOf } from "./model/config";
import { KubernetesPeering } from "./peering";

export type KubernetesEndpoints = ClusterEndpoints;

/** Kubernetes: everything by its API. */
export const kubernetes: CoeDeploy<KubernetesEndpoints> = {
  ...clusterDeploy,
  make(name, { given, ...args }, options) {
    if (args.plan.coes[args.coe]?.speaker === "frr-k8s") return new FrrPeering(name, args, options);
    const { addons } = given === undefined ? {} : ownOf(given);
    return new KubernetesPeering(
      name,
      { ...args, ...(addons === undefined ? {} : { addons }) },
      options,
    );
  },
};
