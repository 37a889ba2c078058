import { type Input, secret } from "@pulumi/pulumi";
import { readKubeconfig } from "../cluster/kubeconfig";
import { accessOf } from "../cluster/model/access";
import type { CoeDeploy } from "../contract/deploy";
import { ownOf } from "./model/config";
import { KubernetesPeering } from "./peering";

/** How a cluster is reached. */
export interface KubernetesEndpoints {
  /** Kubeconfig text; a secret. */
  readonly kubeconfig?: Input<string>;
  /** Context in the kubeconfig. Default: its current one. */
  readonly context?: string;
}

/** Kubernetes: everything by its API; a node is asked through its calico-node pod. */
export const kubernetes: CoeDeploy<KubernetesEndpoints> = {
  make(name, { given, ...args }, options) {
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
