import * as k8s from "@pulumi/kubernetes";
import type { Resource } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import type { CoePlan } from "../../plan/types";
import type { Family } from "../../util/net";
import type { CoeDeploy, Probe } from "../contract/deploy";
import { readKubeconfig } from "./kubeconfig";
import { kubeconfigVariable } from "./kubectl";
import { accessOf } from "./model/access";
import { probeDeployment, probeNamespace, probeService } from "./probe";

/** How a cluster is reached. */
export interface ClusterEndpoints {
  /** Kubeconfig text; a secret. */
  readonly kubeconfig?: pulumi.Input<string>;
  /** Context in the kubeconfig. Default: its current one. */
  readonly context?: string;
}

/** What every kind on a Kubernetes API has alike; a node is asked through the pod of its BGP speaker. */
export const clusterDeploy: Omit<CoeDeploy<ClusterEndpoints>, "make"> = {
  external: (access) => {
    const { context } = accessOf(access);
    return {
      kubeconfig: pulumi.secret(readKubeconfig(accessOf(access))),
      ...(context === undefined ? {} : { context }),
    };
  },
  shell: () => ({ via: "kubectl" }),
  // Controllers are tainted as a rule.
  probeNodes: (coe) => Object.values(coe.nodes).filter((node) => node.role === "worker").length,
  output: {
    name: "kubeconfigs",
    of: ({ kubeconfig }) => (kubeconfig === undefined ? undefined : pulumi.secret(kubeconfig)),
  },
};

/** By the environment, for a command line is seen by everybody on the machine. */
export function secretKubeconfig({ kubeconfig }: ClusterEndpoints) {
  if (kubeconfig === undefined) return {};
  return { environment: { [kubeconfigVariable]: pulumi.secret(kubeconfig) } };
}

/** A secret password, as the data of a Secret has it. */
export function passwordSecretData(
  passwords: pulumi.Input<Readonly<Record<string, string>>>,
  name: string,
) {
  return pulumi.secret(
    pulumi.output(passwords).apply((all) => ({
      password: Buffer.from(all[name] ?? "").toString("base64"),
    })),
  );
}

/** The settings of a cluster's provider that every kind has alike. */
export function providerSettings(coe: string, { kubeconfig, context }: ClusterEndpoints) {
  return {
    // Without it another address of the API server would replace everything in the cluster.
    clusterIdentifier: `seamless-${coe}`,
    enableServerSideApply: true,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
}

/** The probe of a cluster, and what it is made with. */
export interface ClusterProbe {
  readonly probe: Probe;
  /** What its service is for; see {@link probeService}. */
  readonly coe: Pick<CoePlan, "announced" | "names">;
  /** Default: IPv4. */
  readonly families?: readonly Family[];
  /** Whether the cluster gives each namespace a range of users. Default: false. */
  readonly ownUsers?: boolean;
  readonly parent: Resource;
  readonly provider: k8s.Provider;
  /** What has to be there before its namespace. */
  readonly ready: Promise<Resource[]>;
  /** What its containers need. */
  readonly after: readonly Resource[];
}

/** The workload by which traffic is proven: a namespace, a server on each node, and a service where something leads to it. */
export function makeProbe(name: string, one: ClusterProbe): void {
  const { probe, coe, families, ownUsers, parent, provider, ready, after } = one;
  const namespace = new k8s.core.v1.Namespace(`${name}-namespace`, probeNamespace(), {
    ...{ parent, provider, dependsOn: ready },
  });
  const deployment = new k8s.apps.v1.Deployment(`${name}-probe`, probeDeployment(probe, ownUsers), {
    ...{ parent, provider, dependsOn: [namespace, ...after] },
  });
  const service = probeService(coe, families);
  if (service !== undefined)
    new k8s.core.v1.Service(`${name}-probe-service`, service, {
      ...{ parent, provider, dependsOn: deployment },
    });
}
