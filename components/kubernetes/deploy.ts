import { secret } from "@pulumi/pulumi";
import { readKubeconfig } from "../cluster/kubeconfig";
import { accessOf } from "../cluster/model/access";
import type { CoeDeploy } from "../contract/deploy";
import { type ClusterEndpoints, FrrPeering } from "../speakers/frr-k8s/peering";
import { ownOf } from "./model/config";
import { KubernetesPeering } from "./peering";

export type KubernetesEndpoints = ClusterEndpoints;

/** Kubernetes: everything by its API; a node is asked through the pod of its BGP speaker. */
export const kubernetes: CoeDeploy<KubernetesEndpoints> = {
  make(name, { given, ...args }, options) {
    if (args.plan.coes[args.coe]?.speaker === "frr-k8s") return new FrrPeering(name, args, options);
    const { addons } = given === undefined ? {} : ownOf(given);
    return new KubernetesPeering(
      name,
      { ...args, ...(addons === undefined ? {} : { addons }) },
      options,
    );
  },
  external: (access) => {
    const { context } = accessOf(access);
    return {
      kubeconfig: secret(readKubeconfig(accessOf(access))),
      ...(context === undefined ? {} : { context }),
    };
  },
  shell: () => ({ via: "kubectl" }),
  // Controllers are tainted as a rule.
  probeNodes: (coe) => Object.values(coe.nodes).filter((node) => node.role === "worker").length,
  output: {
    name: "kubeconfigs",
    of: ({ kubeconfig }) => (kubeconfig === undefined ? undefined : secret(kubeconfig)),
  },
};
