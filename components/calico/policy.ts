import type { CalicoPolicy, GlobalNetworkPolicy, GlobalNetworkSet, PolicyObjects } from "./types";

/** Name of the policy that lets everything through, as the reference experiment calls it. */
export const policyName = "allow-all";

/** Name of the tier of the policy that does not. */
export const tierName = "seamless";

/** Carried by the sets of addresses; its value is the COE's name. */
const label = "seamless/coe";

/**
 * Before the tiers of the cluster's own administrators (1000) and of its users (1000000): what is kept out here comes
 * no further, and what is let through is still subject to theirs.
 */
const tierOrder = 500;

/**
 * The objects that decide who is let in. An open engine has one policy that allows everything, in Calico's own tier,
 * as Calico drops what comes from outside otherwise. Else it is a tier of its own that passes the known on to
 * whatever policies there are, and drops the rest ("Policy tiers": Calico 3.29 or later).
 */
export function admission({ mode, sources }: CalicoPolicy): PolicyObjects {
  if (mode === "open") return { sets: {}, policy: allowAllPolicy() };
  const sets = Object.entries(sources).map(([coe, nets]): [string, GlobalNetworkSet] => [
    coe,
    networkSet(coe, nets),
  ]);
  return {
    sets: Object.fromEntries(sets),
    tier: {
      apiVersion: "projectcalico.org/v3",
      kind: "Tier",
      metadata: { name: tierName },
      spec: { defaultAction: "Pass", order: tierOrder },
    },
    policy: admissionPolicy(Object.keys(sources)),
  };
}

/** Lets all traffic in and out. */
export function allowAllPolicy(): GlobalNetworkPolicy {
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkPolicy",
    metadata: { name: policyName },
    spec: {
      egress: [{ action: "Allow" }],
      ingress: [{ action: "Allow" }],
      selector: "all()",
      types: ["Ingress", "Egress"],
    },
  };
}

function networkSet(coe: string, nets: readonly string[]): GlobalNetworkSet {
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkSet",
    metadata: { name: `seamless-${coe}`, labels: { [label]: coe } },
    spec: { nets },
  };
}

/** About containers only: every one has the label of its orchestrator, and no interface of a host has. */
function admissionPolicy(coes: readonly string[]): GlobalNetworkPolicy {
  const known = coes.map((coe) => `'${coe}'`).join(", ");
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkPolicy",
    metadata: { name: `${tierName}.cross-coe` },
    spec: {
      ingress: [
        { action: "Pass", source: { selector: `${label} in { ${known} }` } },
        { action: "Deny" },
      ],
      selector: "has(projectcalico.org/orchestrator)",
      tier: tierName,
      types: ["Ingress"],
    },
  };
}
