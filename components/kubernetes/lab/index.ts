import {
  type HostFile,
  type HostFiles,
  type HostUnit,
  type LabCredentials,
  type LabKind,
  leafOf,
  type Pki,
  portOf,
} from "../../../lab/contract";
import {
  containerdFile,
  containerdUnit,
  etcdData,
  etcdUnit,
  routesUnit,
} from "../../../lab/hosts/common";
import type { NodePlan } from "../../../plan/types";
import { withPort } from "../../../util/net";
import { frrImages, frrSystem, frrTags } from "../../speakers/frr-k8s/lab/images";
import { certificateNames, kubernetesCertificates, nodeCertificate } from "./certificates";
import { type Cluster, clusterOf } from "./cluster";
import { cniFile, cniUnit } from "./cni";
import { renderKubeconfig, renderKubelet, renderKubeProxy } from "./config";
import { addonTags, calicoSystem, calicoTags, dashboardSystem, podImages } from "./images";
import {
  apiserverUnit,
  controllerManagerUnit,
  kubeletUnit,
  kubeProxyUnit,
  schedulerUnit,
} from "./units";

/** Its API is reached by a kubeconfig, on the loopback port `kubernetes`. */
export const kubernetesCredentials: LabCredentials = {
  dependOn: ({ role }) => role === "controller",
  of: (ports) => ({
    administrator: certificateNames.admin,
    server: `https://127.0.0.1:${portOf(ports, "kubernetes")}`,
  }),
  render: renderKubeconfig,
};

const withCalico: LabKind = {
  certificates: kubernetesCertificates,
  files(coe, node, pki) {
    const cluster = clusterOf(coe);
    const common = nodeFiles(node, cluster, pki);
    if (node.name !== cluster.controller.name) return common;
    const control = controlPlane(node, cluster, pki);
    return {
      files: [...common.files, ...control.files],
      units: [...common.units, ...control.units],
    };
  },
  volumes: (node) => [
    "/var/lib/containerd",
    "/var/lib/kubelet",
    ...(node.role === "controller" ? [etcdData] : []),
  ],
  forwards: (coe) => ({ kubernetes: `${clusterOf(coe).controller.address}:6443` }),
  endpoints: (_ports, credentials) =>
    credentials === undefined ? {} : { kubeconfig: credentials },
  credentials: kubernetesCredentials,
  start: async (context) => (await import("./start-calico.js")).startKubernetes(context),
  images: {
    packages: ["etcd-server", "etcd-client"],
    masked: ["etcd.service"],
    programs: ["kubectl"],
    files: () => [],
    systems: [calicoSystem, dashboardSystem],
    tags: [...Object.values(addonTags), ...Object.values(calicoTags)],
    pods: podImages,
  },
};

/** The same without Calico: nodes with ranges of their own, a bridge for their pods, and FRR-K8s. */
const withFrrK8s: LabKind = {
  ...withCalico,
  files(coe, node, pki) {
    const { files, units } = withCalico.files(coe, node, pki);
    return { files: [...files, cniFile(node)], units: [...units, cniUnit(node)] };
  },
  start: async (context) => (await import("./start-frr-k8s.js")).startFrrK8s(context),
  images: {
    ...{ packages: [], masked: [], programs: [], files: () => [] },
    systems: [frrSystem],
    tags: Object.values(frrTags),
    pods: async () => frrImages(),
  },
};

/** Kubernetes: one controller with its own etcd; every host, the controller too, is a node. */
export const kubernetesLab: LabKind = { ...withCalico, speakers: { "frr-k8s": withFrrK8s } };

function apiUrl(cluster: Cluster): string {
  return `https://${withPort(cluster.controller.address, 6443)}`;
}

function kubeconfigFile(path: string, cluster: Cluster, pki: Pki, certificate: string): HostFile {
  const text = renderKubeconfig(apiUrl(cluster), pki.authority, leafOf(pki, certificate));
  return { path, text, secret: true };
}

function pairFiles(path: string, pki: Pki, certificate: string): readonly HostFile[] {
  const leaf = leafOf(pki, certificate);
  return [
    { path: `${path}.crt`, text: leaf.certificate },
    { path: `${path}.key`, text: leaf.privateKey, secret: true },
  ];
}

const paths = (files: readonly HostFile[]) => files.map((file) => file.path);

/** What every node runs. */
function nodeFiles(node: NodePlan, cluster: Cluster, pki: Pki): HostFiles {
  const authority: HostFile = { path: "pki/ca.crt", text: pki.authority };
  const kubelet: HostFile[] = [
    authority,
    { path: "kubelet.yaml", text: renderKubelet(cluster, node.role === "controller") },
    kubeconfigFile("kubelet.kubeconfig", cluster, pki, nodeCertificate(node)),
    ...pairFiles("pki/node", pki, nodeCertificate(node)),
  ];
  const proxy: HostFile[] = [
    { path: "kube-proxy.yaml", text: renderKubeProxy(cluster) },
    kubeconfigFile("kube-proxy.kubeconfig", cluster, pki, certificateNames.kubeProxy),
  ];
  return {
    files: [containerdFile, ...kubelet, ...proxy],
    units: [
      routesUnit(cluster.serviceCidrs),
      containerdUnit,
      kubeletUnit(node, paths(kubelet)),
      kubeProxyUnit(node, paths(proxy)),
    ],
  };
}

/** What the controller runs beside. */
function controlPlane(node: NodePlan, cluster: Cluster, pki: Pki): HostFiles {
  const signing: HostFile = {
    path: "pki/service-account.key",
    text: pki.serviceAccount.privateKey,
    secret: true,
  };
  const apiserver: HostFile[] = [
    ...pairFiles("pki/apiserver", pki, certificateNames.apiserver),
    ...pairFiles("pki/kubelet-client", pki, certificateNames.kubeletClient),
    ...pairFiles("pki/front-proxy", pki, certificateNames.frontProxy),
    { path: "pki/service-account.pub", text: pki.serviceAccount.publicKey },
  ];
  const manager = kubeconfigFile(
    "kube-controller-manager.kubeconfig",
    cluster,
    pki,
    certificateNames.controllerManager,
  );
  const scheduler = kubeconfigFile(
    "kube-scheduler.kubeconfig",
    cluster,
    pki,
    certificateNames.scheduler,
  );
  const units: HostUnit[] = [
    etcdUnit(node.name, undefined),
    apiserverUnit(cluster, ["pki/ca.crt", signing.path, ...paths(apiserver)]),
    controllerManagerUnit(cluster, ["pki/ca.crt", signing.path, manager.path]),
    schedulerUnit([scheduler.path]),
  ];
  return { files: [signing, ...apiserver, manager, scheduler], units };
}
