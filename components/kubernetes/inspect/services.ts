import { familiesOfCoe } from "../../../plan/one-family";
import type { CoePlan } from "../../../plan/types";
import { type Family, familyOf, overlap, prefix } from "../../../util/net";
import { inFamily, listOf, podRanges } from "../../../util/ranges";
import type { Finding } from "../../speakers/calico/inspect/finding";
import type { CalicoPlan } from "../../speakers/calico/types";
import type { ClusterState } from "./state";

/** The ranges of services, which the cluster has and the plan says. */
export function serviceFindings(
  coe: CoePlan,
  plan: CalicoPlan,
  { serviceCidr, serviceCidr6 }: ClusterState,
): Finding[] {
  const six = familiesOfCoe(coe).includes(6);
  return [
    ...rangeFindings(coe, plan, serviceCidr, 4),
    // Of a family that the plan does not have nobody has to know.
    ...(six ? rangeFindings(coe, plan, serviceCidr6, 6) : []),
    ...(six ? singleFindings(coe, serviceCidr, serviceCidr6) : []),
  ];
}

/** Services of a cluster that has one family, where the plan has more. */
function singleFindings(
  coe: CoePlan,
  four: string | undefined,
  six: string | undefined,
): Finding[] {
  if (four === undefined && six === undefined) return [];
  return listOf(coe.serviceCidr)
    .filter((range) => (familyOf(range) === 6 ? six : four) === undefined)
    .map((range) => ({
      id: "services/families",
      level: "blocks",
      found: `services are in ${four ?? six} alone; the plan has ${range}, too`,
      effect: "the cluster is not dual stack: no service gets an address of that range",
      advice:
        "make the cluster dual stack first (--service-cluster-ip-range with both ranges for the API server and the controller manager), or plan the family that it has",
    }));
}

function rangeFindings(
  coe: CoePlan,
  { foreign }: CalicoPlan,
  serviceCidr: string | undefined,
  family: Family,
): Finding[] {
  const [planned] = inFamily(listOf(coe.serviceCidr), family);
  if (serviceCidr === undefined || serviceCidr === planned) return [];
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
      found: `services are in ${serviceCidr}; the plan says ${planned ?? "nothing"}`,
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
