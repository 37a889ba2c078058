import type { CoePlan } from "../../../plan/types";
import { podRanges } from "../../../util/ranges";
import { type Finding, inOrderOfWeight } from "../../speakers/calico/inspect/finding";
import {
  agentFindings,
  configurationFindings,
  nodeFindings,
} from "../../speakers/frr-k8s/inspect/findings";
import type { FRRConfiguration } from "../../speakers/frr-k8s/types";
import type { OpenshiftState } from "./state";

/** The first version with route advertisements. */
const oldest = [4, 18] as const;

/** What of a cluster stands in the way of the plan, and what joining changes. */
export function openshiftFindings(
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
  seen: OpenshiftState,
): Finding[] {
  const { frr } = seen;
  // What OVN-Kubernetes has generated out of templates follows them.
  const configurations = frr.configurations.filter(
    ({ name }) => !name.startsWith("ovnk-generated-"),
  );
  return inOrderOfWeight([
    ...clusterFindings(coe, seen),
    ...enablingFindings(seen),
    // Until the operator is told so, there is no FRR-K8s.
    ...(seen.enabled ? agentFindings(coe, objects, frr) : []),
    ...nodeFindings(coe, frr.nodes),
    ...configurationFindings(objects, { ...frr, configurations }),
    ...advertisementsFindings(seen),
  ]);
}

function clusterFindings(coe: CoePlan, seen: OpenshiftState): Finding[] {
  const { version, platform, networkType, clusterNetworks } = seen;
  if (version === "" && networkType === "")
    return [
      {
        ...{ id: "openshift", level: "blocks", found: "no OpenShift: it has no ClusterVersion" },
        effect: "nobody would act on the objects of the plan",
        advice: "plan kind: kubernetes",
      },
    ];
  const ranges = podRanges(coe).join(", ");
  return [
    ...(isOlder(version)
      ? [
          {
            ...{ id: "openshift/version", level: "blocks" as const },
            found: `version ${version || "unknown"}; the plan needs ${oldest.join(".")} or later`,
            effect: "its OVN-Kubernetes has no route advertisements",
            advice: "update the cluster",
          },
        ]
      : []),
    ...(platform === "BareMetal"
      ? []
      : [
          {
            ...{ id: "openshift/platform", level: "blocks" as const },
            found: `platform ${platform || "unknown"}; the plan needs BareMetal`,
            effect: "OpenShift supports BGP on bare metal alone",
          },
        ]),
    ...(networkType === "OVNKubernetes"
      ? []
      : [
          {
            ...{ id: "openshift/network", level: "blocks" as const },
            found: `network type ${networkType || "unknown"}; the plan needs OVNKubernetes`,
            effect: "route advertisements are OVN-Kubernetes' own",
            advice:
              networkType === "Calico"
                ? "plan kind: kubernetes with calicoNamespace: calico-system"
                : "move the cluster to OVN-Kubernetes",
          },
        ]),
    ...(sorted(clusterNetworks) === sorted(podRanges(coe))
      ? []
      : [
          {
            ...{ id: "openshift/clusterNetwork", level: "blocks" as const },
            found: `the cluster network is ${clusterNetworks.join(", ") || "unknown"}; the plan says ${ranges}`,
            effect: "pods have addresses that no other COE has a route to",
            advice: `plan coes.${coe.name}.podCidr: ${clusterNetworks.join(", ")}`,
          },
        ]),
  ];
}

function enablingFindings({ enabled }: OpenshiftState): Finding[] {
  if (enabled) return [];
  return [
    {
      ...{ id: "openshift/routeAdvertisements", level: "changes" },
      found: "the network operator has no FRR or no route advertisements; the plan has both on",
      effect:
        "it installs FRR-K8s, and pods of the default network leave the cluster by their own addresses in place of their node's: who reaches the Internet by that needs NAT on the way",
    },
  ];
}

function advertisementsFindings({ advertisements }: OpenshiftState): Finding[] {
  if (advertisements === undefined || advertisements.ours) return [];
  return [
    {
      ...{ id: "routeadvertisements/seamless", level: "blocks" },
      found: "RouteAdvertisements seamless is there already, and no stack has made it",
      effect: "the plan has an object of that name, and would overwrite it",
      advice: "rename or remove it",
    },
  ];
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return !(major > oldest[0] || (major === oldest[0] && minor >= oldest[1]));
}

function sorted(ranges: readonly string[]): string {
  return [...ranges].sort().join();
}
