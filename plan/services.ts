import { addressAt, prefix, sizeOf } from "../util/net";
import { listOf } from "../util/ranges";
import type { CoePlan, NodePlan } from "./types";

/** All ranges that a COE announces beside those of its containers. */
export function announcedPrefixes({ announced }: Pick<CoePlan, "announced">): readonly string[] {
  return Object.values(announced).flatMap((ranges) => listOf(ranges));
}

/** The nodes that announce a COE's ranges of services. */
export function announcersOf(coe: CoePlan): NodePlan[] {
  return Object.values(coe.nodes).filter(
    ({ name, speaker }) => speaker && (coe.balancers?.includes(name) ?? true),
  );
}

/** The address of the load balancers that announce by themselves; undefined where there are none. */
export function balancerAddress({ announced, balancers }: CoePlan): string | undefined {
  const [range] = listOf(announced.loadBalancerIPs);
  if (range === undefined || balancers === undefined) return undefined;
  // The first of a network is its own address (RFC 950), where it has more than two.
  return addressAt(range, sizeOf(prefix(range)) > 2n ? 1 : 0);
}
