import { secret } from "@pulumi/pulumi";
import type { CoeKind } from "../types";
import { readKubeconfig } from "./kubeconfig";
import { KubernetesPeering } from "./peering";

/** Kubernetes: everything by its API; a node is asked through its calico-node pod. */
export const kubernetes: CoeKind = {
  make: (name, args, options) => new KubernetesPeering(name, args, options),
  external: (access) => ({
    kubeconfig: secret(readKubeconfig(access)),
    ...(access.context === undefined ? {} : { context: access.context }),
  }),
  shell: () => ({ via: "kubectl" }),
  // Controllers are tainted as a rule.
  probeNodes: (coe) => Object.values(coe.nodes).filter((node) => node.role === "worker").length,
};
