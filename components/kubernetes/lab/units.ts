import { type HostUnit, hostRoot, programRoot } from "../../../lab/contract";
import { flags, renderService } from "../../../lab/hosts/render";
import { addressesOf } from "../../../plan/families";
import type { NodePlan } from "../../../plan/types";
import { certificateNames } from "./certificates";
import type { Cluster } from "./cluster";

const file = (path: string) => `${hostRoot}/${path}`;
const program = (name: string) => `${programRoot}/${name}`;

export function kubeletUnit(node: NodePlan, reads: readonly string[]): HostUnit {
  return {
    name: "kubelet.service",
    reads,
    text: renderService({
      description: "kubelet",
      after: ["lab-containerd.service"],
      requires: ["lab-containerd.service"],
      // Calico's pods mount folders of the host with Bidirectional propagation.
      prepare: [["/bin/mount", "--make-rshared", "/"]],
      start: [
        [
          program("kubelet"),
          ...flags({
            config: file("kubelet.yaml"),
            kubeconfig: file("kubelet.kubeconfig"),
            "hostname-override": node.name,
            "node-ip": addressesOf(node).join(","),
          }),
        ],
      ],
      settings: { KillMode: "process" },
    }),
  };
}

export function kubeProxyUnit(node: NodePlan, reads: readonly string[]): HostUnit {
  return {
    name: "kube-proxy.service",
    reads,
    text: renderService({
      description: "kube-proxy",
      after: ["network.target"],
      start: [
        [
          program("kube-proxy"),
          ...flags({ config: file("kube-proxy.yaml"), "hostname-override": node.name }),
        ],
      ],
    }),
  };
}

export function apiserverUnit(cluster: Cluster, reads: readonly string[]): HostUnit {
  return {
    name: "kube-apiserver.service",
    reads,
    text: renderService({
      description: "kube-apiserver",
      after: ["lab-etcd.service"],
      start: [
        [
          program("kube-apiserver"),
          ...flags({
            "advertise-address": cluster.controller.address,
            "allow-privileged": true,
            "authorization-mode": "Node,RBAC",
            "client-ca-file": file("pki/ca.crt"),
            "enable-admission-plugins": "NodeRestriction",
            // Asks the servers of other APIs (metrics) by their own addresses: it routes to pods like any node.
            "enable-aggregator-routing": true,
            "endpoint-reconciler-type": "lease",
            "etcd-servers": "http://127.0.0.1:2379",
            "kubelet-certificate-authority": file("pki/ca.crt"),
            "kubelet-client-certificate": file("pki/kubelet-client.crt"),
            "kubelet-client-key": file("pki/kubelet-client.key"),
            profiling: false,
            "proxy-client-cert-file": file("pki/front-proxy.crt"),
            "proxy-client-key-file": file("pki/front-proxy.key"),
            "requestheader-allowed-names": certificateNames.frontProxy,
            "requestheader-client-ca-file": file("pki/ca.crt"),
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-username-headers": "X-Remote-User",
            "secure-port": 6443,
            "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
            "service-account-key-file": file("pki/service-account.pub"),
            "service-account-signing-key-file": file("pki/service-account.key"),
            "service-cluster-ip-range": cluster.serviceCidrs.join(","),
            "tls-cert-file": file("pki/apiserver.crt"),
            "tls-private-key-file": file("pki/apiserver.key"),
          }),
        ],
      ],
    }),
  };
}

export function controllerManagerUnit(cluster: Cluster, reads: readonly string[]): HostUnit {
  const kubeconfig = file("kube-controller-manager.kubeconfig");
  return {
    name: "kube-controller-manager.service",
    reads,
    text: renderService({
      description: "kube-controller-manager",
      after: ["kube-apiserver.service"],
      start: [
        [
          program("kube-controller-manager"),
          ...flags({
            // Calico's IPAM hands out the blocks, not the node controller.
            "allocate-node-cidrs": false,
            "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig,
            "bind-address": "127.0.0.1",
            "cluster-cidr": cluster.podCidrs.join(","),
            kubeconfig,
            "leader-elect": false,
            "root-ca-file": file("pki/ca.crt"),
            "service-account-private-key-file": file("pki/service-account.key"),
            "service-cluster-ip-range": cluster.serviceCidrs.join(","),
            "use-service-account-credentials": true,
          }),
        ],
      ],
    }),
  };
}

export function schedulerUnit(reads: readonly string[]): HostUnit {
  const kubeconfig = file("kube-scheduler.kubeconfig");
  return {
    name: "kube-scheduler.service",
    reads,
    text: renderService({
      description: "kube-scheduler",
      after: ["kube-apiserver.service"],
      start: [
        [
          program("kube-scheduler"),
          ...flags({
            "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig,
            "bind-address": "127.0.0.1",
            kubeconfig,
            "leader-elect": false,
          }),
        ],
      ],
    }),
  };
}
