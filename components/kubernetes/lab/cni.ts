import { type HostFile, type HostUnit, hostRoot } from "../../../lab/contract";
import { renderJson, renderService } from "../../../lab/hosts/render";
import type { NodePlan } from "../../../plan/types";
import { familyOf } from "../../../util/net";
import { listOf } from "../../../util/ranges";

/** Where the container runtime looks for it. */
const folder = "/etc/cni/net.d";
const file = "cni.conflist";

const ipv6Settings = ["net.ipv6.conf.default.disable_ipv6=0", "net.ipv6.conf.all.forwarding=1"];

/**
 * What connects the pods of a node without Calico, as the CNI project's own plugins take it: a bridge whose first address is
 * the pods' gateway, and addresses of the node's range. Nothing is masqueraded: others see pods by their own addresses.
 */
export function cniFile(node: NodePlan): HostFile {
  const ranges = listOf(node.podCidr);
  const plugins = [
    {
      ...{ type: "bridge", bridge: "cni0", isGateway: true, ipMasq: false, hairpinMode: true },
      ipam: {
        type: "host-local",
        ranges: ranges.map((subnet) => [{ subnet }]),
        routes: ranges.map((range) => ({ dst: familyOf(range) === 6 ? "::/0" : "0.0.0.0/0" })),
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ];
  return { path: file, text: renderJson({ cniVersion: "1.0.0", name: "pods", plugins }) };
}

/** Puts it where it is read: that of a node's own, which its owner may change. */
export function cniUnit(node: NodePlan): HostUnit {
  const six = listOf(node.podCidr).some((range) => familyOf(range) === 6);
  return {
    name: "lab-cni.service",
    reads: [file],
    text: renderService({
      description: "The node's network of containers",
      type: "oneshot",
      before: ["lab-containerd.service"],
      start: [
        // Docker has it off for new devices in its containers, and the bridge plugin forwards once there is a pod.
        ...(six ? [["/sbin/sysctl", "-qw", ...ipv6Settings]] : []),
        ["/bin/mkdir", "-p", folder],
        ["/bin/cp", `${hostRoot}/${file}`, `${folder}/10-pods.conflist`],
      ],
    }),
  };
}
