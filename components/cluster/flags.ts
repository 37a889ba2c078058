import type { InspectFlag } from "../contract/runtime";

/** The flags of `seamless inspect` that say how a cluster is reached. */
export const clusterFlags: readonly InspectFlag[] = [
  {
    name: "kubeconfig",
    option: "--kubeconfig <file>",
    description: "of a Kubernetes cluster; default: the one of the configuration",
    reaches: true,
  },
  {
    name: "context",
    option: "--context <name>",
    description: "context in it; default: the configuration's, else the current one",
  },
];
