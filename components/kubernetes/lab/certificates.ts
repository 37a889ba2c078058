import type { CertificateRequest } from "../../../lab/contract";
import { addressesOf } from "../../../plan/families";
import type { CoePlan, NodePlan } from "../../../plan/types";
import { clusterOf } from "./cluster";

/** The certificates of the control plane; those of nodes are named by {@link nodeCertificate}. */
export const certificateNames = {
  admin: "admin",
  apiserver: "apiserver",
  frontProxy: "front-proxy-client",
  controllerManager: "kube-controller-manager",
  kubeletClient: "kubelet-client",
  kubeProxy: "kube-proxy",
  scheduler: "kube-scheduler",
} as const;

export function nodeCertificate(node: NodePlan): string {
  return `node-${node.name}`;
}

/**
 * What the components prove themselves with, as "PKI certificates and requirements" of the Kubernetes
 * documentation has it: the common name is the user, the organization the group.
 */
export function kubernetesCertificates(coe: CoePlan): Readonly<Record<string, CertificateRequest>> {
  const cluster = clusterOf(coe);
  const { controller } = cluster;
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  const nodes = Object.values(coe.nodes).map((node): [string, CertificateRequest] => [
    nodeCertificate(node),
    {
      commonName: `system:node:${node.name}`,
      organization: "system:nodes",
      names: [`DNS:${node.name}`, ...addressesOf(node).map((address) => `IP:${address}`)],
    },
  ]);
  return {
    [certificateNames.admin]: { commonName: "admin", organization: "system:masters" },
    [certificateNames.apiserver]: {
      commonName: "kube-apiserver",
      names: [
        ...service.map((name) => `DNS:${name}`),
        "DNS:kubernetes.default.svc.cluster.local",
        "DNS:localhost",
        `DNS:${controller.name}`,
        `IP:${controller.address}`,
        `IP:${cluster.apiService}`,
        // Where the machine's own kubectl finds it.
        "IP:127.0.0.1",
      ],
    },
    [certificateNames.controllerManager]: { commonName: "system:kube-controller-manager" },
    [certificateNames.frontProxy]: { commonName: "front-proxy-client" },
    [certificateNames.kubeletClient]: {
      commonName: "kube-apiserver-kubelet-client",
      organization: "system:masters",
    },
    [certificateNames.kubeProxy]: { commonName: "system:kube-proxy" },
    [certificateNames.scheduler]: { commonName: "system:kube-scheduler" },
    ...Object.fromEntries(nodes),
  };
}
