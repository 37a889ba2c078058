import { hostRoot, type KeyPair } from "../../../lab/contract";
import { renderYaml } from "../../../lab/hosts/render";
import type { Cluster } from "./cluster";

/** One cluster, one user, one context: how a program finds the API server and proves who it is. */
export function renderKubeconfig(server: string, authority: string, user: KeyPair): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const name = "seamless";
  return renderYaml({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": base64(authority) } }],
    users: [
      {
        name,
        user: {
          "client-certificate-data": base64(user.certificate),
          "client-key-data": base64(user.privateKey),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

/**
 * KubeletConfiguration, kubelet.config.k8s.io/v1beta1. The disk is shared with the machine, hence the small
 * eviction thresholds; the cgroup of the host is version 1 on some machines, which 1.33 only tolerates.
 */
export function renderKubelet(cluster: Cluster, controller: boolean): string {
  return renderYaml({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${hostRoot}/pki/ca.crt` },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: `${hostRoot}/pki/node.crt`,
    tlsPrivateKeyFile: `${hostRoot}/pki/node.key`,
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    cgroupDriver: "systemd",
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [cluster.dnsService],
    clusterDomain: "cluster.local",
    resolvConf: "/etc/resolv.conf",
    maxPods: 60,
    protectKernelDefaults: false,
    imageGCHighThresholdPercent: 99,
    imageGCLowThresholdPercent: 98,
    evictionHard: {
      "imagefs.available": "1%",
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
    // The controller routes to pods like any node, but runs none of the users'.
    ...(controller
      ? {
          registerWithTaints: [
            { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
          ],
        }
      : {}),
  });
}

/** KubeProxyConfiguration, kubeproxy.config.k8s.io/v1alpha1; the conntrack limits of a namespace cannot be set. */
export function renderKubeProxy(cluster: Cluster): string {
  return renderYaml({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: `${hostRoot}/kube-proxy.kubeconfig` },
    mode: "iptables",
    clusterCIDR: cluster.podCidrs.join(","),
    conntrack: { maxPerCore: 0, min: 0 },
  });
}
