import { clusterFlags } from "../cluster/flags";
import type { CoeRuntime } from "../contract/runtime";

/** Kubernetes is asked by kubectl. */
export const kubernetesRuntime: CoeRuntime = {
  inspectFlags: clusterFlags,
  inspect: async (request) => (await import("./inspect/command.js")).inspectKubernetes(request),
  nodes: async (coe, access) => (await import("../cluster/nodes.js")).askForNodes(coe, access),
  adopt: async (request) => (await import("./adopt.js")).adoptKubernetes(request),
  programs: [{ program: "kubectl", why: "asks the cluster", version: ["version", "--client"] }],
  probe: async (...args) => (await import("./verify/index.js")).kubernetesProbe(...args),
  render: {
    speaker: async (plan, coe) => (await import("./render.js")).renderSpeaker(plan, coe),
    network: async ({ name, speaker = "Calico" }) =>
      `# ${name}: ${speaker === "Calico" ? "Calico's own installation" : "the CNI plugin's installation"} writes it\n`,
    names: async (forwards) =>
      (await import("./addons/stub-zones.js")).renderKubernetesForwards(forwards),
  },
  steps: {
    "frr-inspect": () => import("../speakers/frr-k8s/steps/frr-inspect.js"),
    "kubernetes-addons": () => import("./steps/kubernetes-addons.js"),
    "kubernetes-give-back": () => import("./steps/kubernetes-give-back.js"),
    "kubernetes-inspect": () => import("./steps/kubernetes-inspect.js"),
    "kubernetes-node-as": () => import("./steps/kubernetes-node-as.js"),
    "kubernetes-node-as-delete": () => import("./steps/kubernetes-node-as-delete.js"),
  },
};
