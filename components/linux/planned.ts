import { addressesOf, announcedPrefixes, type CoePlan, type NodePlan, type Plan } from "../../plan";
import type { Shell } from "../../plan/access";
import { nodeRanges } from "../../plan/blocks";
import { podRanges } from "../../util/ranges";
import { firewallRules, renderFirewall } from "./firewall";
import type { HostInput } from "./input";
import { speakerFiles } from "./speaker-files";

/** What the steps of one host are given. */
export function hostInputOf(
  plan: Plan,
  coe: CoePlan,
  node: NodePlan,
  shell: Shell,
  containers: HostInput["containers"],
): HostInput {
  const ranges = nodeRanges(node);
  const planned = Object.values(plan.coes).flatMap((one) => [
    ...podRanges(one),
    ...announcedPrefixes(one),
  ]);
  return {
    name: node.id,
    shell,
    addresses: addressesOf(node),
    ranges,
    planned: [...new Set(planned)].sort(),
    containers,
    ...speakerFiles(plan, coe, node),
    firewall: renderFirewall(firewallRules(plan, coe, ranges)),
  };
}
