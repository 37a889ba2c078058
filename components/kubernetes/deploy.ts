import { type Input, secret } from "@pulumi/pulumi";
import type { Plan } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { inFamily, podRanges } from "../../util/ranges";
import { readKubeconfig } from "../cluster/kubeconfig";
import { accessOf } from "../cluster/model/access";
import type { CoeDeploy } from "../contract/deploy";
import { ownOf } from "./model/config";
import { KubernetesPeering } from "./peering";

/** @throws SeamlessError for a cluster with a range of IPv6, which nothing here looks at before or after */
export function refuseIpv6(plan: Plan, name: string): void {
  const coe = plan.coes[name];
  const [range] = coe === undefined ? [] : inFamily(podRanges(coe), 6);
  if (range === undefined) return;
  throw new SeamlessError(
    `coes.${name}.podCidr: found ${range}; the look at a cluster before an update, and \`seamless verify\` after it, know IPv4 alone, so that an update does not apply a plan with IPv6 to a cluster; allowed: deploy: false, with which the reflectors take its sessions, and what \`seamless render\` prints, applied by hand`,
    exitCode.usage,
  );
}

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
    refuseIpv6(args.plan, args.coe);
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
