import type { Plan, RackPlan } from "../plan/types";
import { inFamily, listOf, nodeNetworks } from "../util/ranges";
import { networkName } from "./names";

/** A Docker network of a lab. */
export interface LabNetwork {
  /** How its resource is called behind the lab's name. */
  readonly resource: string;
  readonly docker: string;
  readonly subnets: readonly string[];
  /** Options of Docker's bridge. Absent: there are none. */
  readonly options?: Readonly<Record<string, string>>;
}

/**
 * Packets of one network pass the bridges of others, by the routers of racks. Docker would give them the address of a bridge
 * there: its rule about what leaves a network meets what is bridged, too, where the kernel shows that to iptables.
 */
const routed = { "com.docker.network.bridge.enable_ip_masquerade": "false" };

/**
 * What connects the routers of racks, which no plan says: a network of its own, with link-local addresses (RFC 3927), which
 * no plan has and nobody is routed to.
 */
export const fabric = "169.254.254.0/24";

/** The same for IPv6, where Docker keeps link-local addresses for itself: site-local ones, which no plan has (RFC 3879). */
const fabric6 = "fec0::/64";

/** The racks of a lab, where there are several: each has a network of its own. */
export function separateRacks({ racks = {} }: Pick<Plan, "racks">): readonly RackPlan[] {
  const all = Object.values(racks);
  return all.length > 1 ? all : [];
}

/** The networks of a lab's hosts: one, or one for each rack. */
export function hostNetworks(lab: string, plan: Plan): readonly LabNetwork[] {
  const racks = separateRacks(plan);
  if (racks.length === 0)
    return [{ resource: "network", docker: networkName(lab), subnets: nodeNetworks(plan) }];
  return racks.map(({ name, cidr }) => ({
    resource: `network-${name}`,
    docker: `${networkName(lab)}-${name}`,
    subnets: listOf(cidr),
    options: routed,
  }));
}

/** The network between the routers of racks; its name has what no rack's name has. */
export function fabricNetwork(lab: string, racks: readonly RackPlan[]): LabNetwork {
  const six = racks.some(({ cidr }) => inFamily(listOf(cidr), 6).length > 0);
  return {
    resource: "fabric",
    docker: `${networkName(lab)}_fabric`,
    subnets: [fabric, ...(six ? [fabric6] : [])],
    options: routed,
  };
}
