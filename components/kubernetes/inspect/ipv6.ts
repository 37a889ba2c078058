import { familiesOfCoe } from "../../../plan/one-family";
import type { CoePlan } from "../../../plan/types";
import { inFamily, podRanges } from "../../../util/ranges";
import type { Finding } from "../../speakers/calico/inspect/finding";
import type { CalicoState } from "./state";

/** What Calico's agents need for a plan with IPv6 ("Configure dual stack" and "Configure IPv6 only" of Calico). */
export function ipv6Findings(coe: CoePlan, { ipv6, ipam }: CalicoState): Finding[] {
  if (!familiesOfCoe(coe).includes(6)) return [];
  const [range = ""] = inFamily(podRanges(coe), 6);
  const { address, felix, assigns } = ipv6;
  const findings: Finding[] = [];
  if (address === undefined || address.toLowerCase() === "none")
    findings.push({
      id: "calico/ip6",
      level: "blocks",
      found: `IP6 of calico-node is ${address ?? "not set"}; the plan has ${range}`,
      effect: "nodes have no IPv6 address for BGP, and no BIRD of IPv6 has a session",
      advice:
        "set IP6: autodetect in the calico-node DaemonSet, or nodeAddressAutodetectionV6 in the operator's Installation",
    });
  if (felix === false)
    findings.push({
      id: "calico/ipv6Support",
      level: "blocks",
      found: `Felix has IPv6 switched off; the plan has ${range}`,
      effect: "no node has a route or a policy for IPv6 addresses of pods",
      advice:
        "set FELIX_IPV6SUPPORT to true in the calico-node DaemonSet, or ipv6Support: true in the FelixConfiguration default",
    });
  if (ipam.name === "calico-ipam" && assigns === false)
    findings.push({
      id: "calico/assign_ipv6",
      level: "blocks",
      found: `the CNI configuration does not assign IPv6 addresses; the plan has ${range}`,
      effect: "pods get no IPv6 address: the cluster is not dual stack",
      advice:
        'add "assign_ipv6": "true" to ipam in cni_network_config of the ConfigMap calico-config, or an IPv6 pool to calicoNetwork.ipPools of the operator\'s Installation; then restart calico-node and the pods',
    });
  if (ipam.name === "host-local")
    findings.push({
      id: "calico/ipam6",
      level: "blocks",
      found: `host-local gives pods their addresses; the plan has ${range}`,
      effect: "the IPv6 addresses of pods would be of no block that the plan knows",
      advice: "move to calico-ipam first (calico-ipam -upgrade), or plan IPv4 alone",
    });
  return findings;
}
