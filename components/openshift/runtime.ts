import { exitCode, SeamlessError } from "../../util/errors";
import { clusterFlags } from "../cluster/flags";
import type { CoeRuntime } from "../contract/runtime";

/** OpenShift is asked by kubectl, which its own client goes beside. */
export const openshiftRuntime: CoeRuntime = {
  inspectFlags: clusterFlags,
  inspect: async (request) => (await import("./inspect/command.js")).inspectCommand(request),
  nodes: async (coe, access) => (await import("./nodes.js")).askForNodes(coe, access),
  adopt: ({ name }) => {
    throw new SeamlessError(
      `adopt ${name}: an OpenShift cluster is not read; write podCidr (the cluster network), nodes: fromCluster and access by hand, as in docs/openshift.md`,
      exitCode.usage,
    );
  },
  programs: [{ program: "kubectl", why: "asks the cluster", version: ["version", "--client"] }],
  probe: async (...args) => (await import("./verify.js")).openshiftProbe(...args),
  render: {
    speaker: async (plan, coe) => (await import("./render.js")).renderSpeaker(plan, coe),
    network: async ({ name }) => `# ${name}: OVN-Kubernetes writes it\n`,
    names: async (forwards) => (await import("./names.js")).renderOpenshiftForwards(forwards),
  },
  steps: {
    "openshift-inspect": () => import("./steps/openshift-inspect.js"),
    "openshift-ready": () => import("./steps/openshift-ready.js"),
  },
};
