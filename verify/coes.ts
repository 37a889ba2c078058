import type { ServiceRange } from "../components/ask/types";
import type { CoePlan, NodePlan, Plan } from "../plan/types";

/** The COEs that are deployed; the others are only planned. */
export function deployedCoes(plan: Plan): CoePlan[] {
  return Object.values(plan.coes).filter((coe) => coe.deployed);
}

/** Which ranges of services a COE announces. */
export function announcedRanges({ announced }: CoePlan): ServiceRange[] {
  const ranges: readonly ServiceRange[] = ["clusterIPs", "loadBalancerIPs", "externalIPs"];
  return ranges.filter((range) => announced[range] !== undefined);
}

/** The nodes of a COE that speak BGP. */
export function speakersOf(coe: CoePlan): NodePlan[] {
  return Object.values(coe.nodes).filter((node) => node.speaker);
}

/** The nodes of all deployed COEs that speak BGP. */
export function deployedSpeakers(plan: Plan): NodePlan[] {
  return deployedCoes(plan).flatMap((coe) => speakersOf(coe));
}

/** Every ordered pair of two different COEs. */
export function pairs(coes: readonly CoePlan[]): [CoePlan, CoePlan][] {
  return coes.flatMap((from) =>
    coes.filter((to) => to !== from).map((to): [CoePlan, CoePlan] => [from, to]),
  );
}
