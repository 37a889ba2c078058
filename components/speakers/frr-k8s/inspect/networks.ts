import type { Finding } from "../../calico/inspect/finding";
import type { NetworkState } from "./state";

interface NetworkKind {
  /** Containers of its DaemonSet, any of which tells it. */
  readonly containers: readonly string[];
  /** One that has to be there, too. Absent: none has. */
  readonly beside?: string;
  readonly title: string;
  /** Why nodes with it cannot join by FRR-K8s. */
  readonly why: string;
  readonly advice: string;
}

const routesOfOthers = "routes that FRR learns would not be what pods' packets follow";

/** What gives pods their network, or speaks BGP for others, by containers of its DaemonSet. What is not here writes a file for the node's CNI plugins alone. */
export const networkKinds: Readonly<Record<string, NetworkKind>> = {
  calico: {
    containers: ["calico-node"],
    title: "Calico",
    why: "Calico gives nodes blocks, and has a BGP speaker of its own",
    advice: "plan speaker: calico, or leave speaker out",
  },
  cilium: {
    containers: ["cilium-agent"],
    title: "Cilium",
    why: `its BGP speaker imports no routes, and its programs in the kernel decide where packets go: ${routesOfOthers}`,
    advice: "join this cluster with Calico, or with a CNI plugin of bridge and host-local",
  },
  "kube-router": {
    containers: ["kube-router"],
    title: "kube-router",
    why: "it speaks BGP itself, on port 179 of the node's address, and removes routes that it did not make",
    advice:
      "peer kube-router itself with the reflectors (an external router of the plan), or run it with --run-router=false and another CNI plugin",
  },
  kindnet: {
    containers: ["kindnet-cni", "kindnet"],
    title: "kindnet",
    why: "it hides pods behind their node for all that is outside of POD_SUBNET, so that other COEs see the node",
    advice: "use a CNI plugin of bridge and host-local with ipMasq: false",
  },
  ovn: {
    containers: ["ovnkube-node", "ovnkube-controller", "ovn-controller"],
    title: "OVN-Kubernetes",
    why: "its pods leave by Open vSwitch, which knows routes of RouteAdvertisements alone",
    advice: "plan kind: openshift, which makes these",
  },
  weave: {
    containers: ["weave"],
    title: "Weave Net",
    why: "pods are in an overlay of its own",
    advice: "use a CNI plugin of bridge and host-local",
  },
  antrea: {
    containers: ["antrea-agent"],
    title: "Antrea",
    why: `its Open vSwitch decides where packets go: ${routesOfOthers}`,
    advice: "use a CNI plugin of bridge and host-local",
  },
  metallb: {
    containers: ["speaker"],
    beside: "frr",
    title: "MetalLB with an FRR of its own",
    why: "two FRRs on a node write routes into the same kernel, and each removes what it finds of the other",
    advice: "have MetalLB use FRR-K8s (frrk8s.enabled: true of its Helm chart)",
  },
  flannel: {
    containers: ["kube-flannel"],
    title: "flannel",
    why: "pods of the cluster reach each other by a tunnel, which a plan does not have",
    advice: "set its backend to host-gw, without --ip-masq",
  },
};

/** What in the way pods have their network does not go with FRR-K8s. */
export function networkFindings(networks: readonly NetworkState[]): Finding[] {
  return networks.flatMap(({ kind, object, backend, masquerades }): Finding[] => {
    const known = networkKinds[kind];
    if (known === undefined) return [];
    const id = `cni/${kind}`;
    if (kind === "flannel" && backend === "host-gw")
      return masquerades === true
        ? [
            {
              ...{ id, level: "blocks", found: `${object}: flannel with --ip-masq` },
              effect: "other COEs see nodes in place of pods, and answers to pods go astray",
              advice: "take --ip-masq out of its DaemonSet",
            },
          ]
        : [
            {
              ...{ id, level: "notes", found: `${object}: flannel, host-gw` },
              effect:
                "its own routes inside the cluster stay, and the kernel prefers them to those of FRR",
            },
          ];
    const how = backend === undefined ? "" : `, backend ${backend}`;
    return [
      {
        ...{ id, level: "blocks", found: `${object}: ${known.title}${how}` },
        ...{ effect: known.why, advice: known.advice },
      },
    ];
  });
}
