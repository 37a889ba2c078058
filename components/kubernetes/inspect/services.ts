import type { CoePlan } from "../../../plan/types";
import { overlap, prefix } from "../../../util/net";
import { podRanges } from "../../../util/ranges";
import type { Finding } from "../../speakers/calico/inspect/finding";
import type { CalicoPlan } from "../../speakers/calico/types";
import type { ClusterState } from "./state";

/** The range of services, which the cluster has and the plan says. */
export function serviceFindings(
  coe: CoePlan,
  { foreign }: CalicoPlan,
  { serviceCidr }: ClusterState,
): Finding[] {
  if (serviceCidr === undefined || serviceCidr === coe.serviceCidr) return [];
  const ranges = { ...foreign, [coe.name]: podRanges(coe) };
  const overlaps = Object.entries(ranges).flatMap(([owner, owned]) =>
    owned
      .filter((range) => overlap(prefix(range), prefix(serviceCidr)))
      .map((range) => `${range} of ${owner}`),
  );
  if (overlaps.length > 0)
    return [
      {
        id: "services",
        level: "blocks",
        found: `services are in ${serviceCidr}, which overlaps ${overlaps.join(", ")}`,
        effect: "services and containers would share addresses: kube-proxy takes their traffic",
        advice: `plan serviceCidr: ${serviceCidr}, and ranges of containers apart from it`,
      },
    ];
  const needed = coe.announced.clusterIPs !== undefined || coe.addons.includes("dns");
  return [
    {
      id: "services",
      level: needed ? "blocks" : "notes",
      found: `services are in ${serviceCidr}; the plan says ${coe.serviceCidr ?? "nothing"}`,
      effect: needed
        ? "no service would have an address of the announced range, or that of the name server"
        : "an overlap with other ranges would not be noticed",
      advice: `plan serviceCidr: ${serviceCidr}`,
    },
  ];
}

/** A name server that is not made here is not touched either. */
export function nameFindings(coe: CoePlan): Finding[] {
  const zones = Object.keys(coe.forwards);
  if (zones.length === 0 || coe.addons.includes("dns")) return [];
  return [
    {
      id: "names",
      level: "notes",
      found: `the cluster keeps its own name server, which is to know ${zones.join(", ")}`,
      effect: "pods resolve no names of other COEs until it does",
      advice: `add what \`seamless render names --coe ${coe.name}\` prints to its configuration`,
    },
  ];
}
