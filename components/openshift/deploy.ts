import { secret } from "@pulumi/pulumi";
import { readKubeconfig } from "../cluster/kubeconfig";
import { accessOf } from "../cluster/model/access";
import type { CoeDeploy } from "../contract/deploy";
import type { ClusterEndpoints } from "../speakers/frr-k8s/peering";
import { OpenshiftPeering } from "./peering";

/** OpenShift: everything by its API; a node is asked through its pod of FRR-K8s. */
export const openshift: CoeDeploy<ClusterEndpoints> = {
  make: (name, { given: _, ...args }, options) => new OpenshiftPeering(name, args, options),
  external: (access) => {
    const { context } = accessOf(access);
    return {
      kubeconfig: secret(readKubeconfig(accessOf(access))),
      ...(context === undefined ? {} : { context }),
    };
  },
  shell: () => ({ via: "kubectl" }),
  // Control planes are tainted as a rule.
  probeNodes: (coe) => Object.values(coe.nodes).filter((node) => node.role === "worker").length,
  output: {
    name: "kubeconfigs",
    of: ({ kubeconfig }) => (kubeconfig === undefined ? undefined : secret(kubeconfig)),
  },
};
