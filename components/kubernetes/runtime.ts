import type { CoeRuntime } from "../contract/runtime";

/** Kubernetes is asked by kubectl. */
export const kubernetesRuntime: CoeRuntime = {
  inspectFlags: [
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
  ],
  inspect: async (request) => (await import("./inspect/command.js")).inspectKubernetes(request),
  nodes: async (coe, access) => (await import("../cluster/nodes.js")).askForNodes(coe, access),
  adopt: async (request) => (await import("./adopt.js")).adoptKubernetes(request),
  programs: [{ program: "kubectl", why: "asks the cluster", version: ["version", "--client"] }],
  probe: async (...args) => (await import("./verify/index.js")).kubernetesProbe(...args),
  render: {
    network: async ({ name }) => `# ${name}: Calico's own installation writes it\n`,
    names: async (forwards) =>
      (await import("./addons/stub-zones.js")).renderKubernetesForwards(forwards),
  },
  steps: {
    "kubernetes-addons": () => import("./steps/kubernetes-addons.js"),
    "kubernetes-give-back": () => import("./steps/kubernetes-give-back.js"),
    "kubernetes-inspect": () => import("./steps/kubernetes-inspect.js"),
    "kubernetes-node-as": () => import("./steps/kubernetes-node-as.js"),
    "kubernetes-node-as-delete": () => import("./steps/kubernetes-node-as-delete.js"),
  },
};
