import { type CoeKinds, kindOf } from "../config/kind";
import type { CoeConfig } from "../config/types";
import type { CoePlan, PolicyPlan } from "./types";

export function policyPlan(coe: CoeConfig): PolicyPlan {
  const { policy, allowFrom = [], allowFromHosts, policyOverrides } = coe;
  return {
    mode: policy,
    from: [...allowFrom].sort(),
    ...(allowFromHosts === undefined ? {} : { hosts: [...allowFromHosts].sort() }),
    ...(policyOverrides === undefined ? {} : { overrides: [...policyOverrides].sort() }),
  };
}

/** Whether containers of one COE are let in by another, or by their own. */
export function admits(to: CoePlan, from: CoePlan): boolean {
  const { mode } = to.policy;
  return mode === "open" || from.name === to.name || to.policy.from.includes(from.name);
}

/** The policy of a COE in one column of a table. */
export function describePolicy({ policy }: CoePlan): string {
  switch (policy.mode) {
    case "open":
      return "open to everybody";
    case "closed":
      return "closed";
    case "cross-coe":
      return `from ${policy.from.join(", ")}`;
  }
}

/** What a policy that keeps others out lets through all the same, and what it cuts off; nothing where all is open. */
export function policyNotes({ name, kind, policy }: CoePlan, kinds: CoeKinds): string[] {
  const facts = kindOf(kinds, kind)?.policy;
  if (policy.mode === "open" || facts === undefined) return [];
  const { hosts = [] } = policy;
  const listed = hosts.length === 0 ? "" : `, hosts in ${hosts.join(", ")}`;
  return [
    `${name} also lets in its own nodes, their programs and containers in the hosts' network${listed}, and whoever comes by ${facts.byNode}, for that has a node's address`,
    `${name} keeps out every other host, unless nodes or allowFromHosts name it: ${facts.needed}`,
  ];
}
