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
 * The objects that decide who is let in. An open COE has one policy that allows everything, in Calico's own tier,
 * as Calico drops what comes from outside otherwise. Else it is a tier of its own that passes the known on to
 * whatever policies there are, and drops the rest ("Policy tiers": Calico 3.29 or later).
 */
export function admission({ mode, sources, hosts }: CalicoPolicy): PolicyObjects {
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
    policy: admissionPolicy(Object.keys(sources), hosts),
  };
}

/**
 * Every container has this label, from Calico itself: no user can take it away, and no interface of a host has it, whose
 * policies are its administrator's business.
 */
const containers = "has(projectcalico.org/orchestrator)";

/**
 * Lets all traffic of containers in and out. It has no order, so that it comes after all policies of the tier `default`
 * that have one: what they allow or deny stays, and what none of their rules is about is no more dropped.
 */
export function allowAllPolicy(): GlobalNetworkPolicy {
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkPolicy",
    metadata: { name: policyName },
    spec: {
      egress: [{ action: "Allow" }],
      ingress: [{ action: "Allow" }],
      selector: containers,
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

/**
 * Sources are sets in no namespace alone: a tenant can label a pod, or a NetworkSet of any addresses, as one of these
 * sets, but both are in a namespace.
 */
function admissionPolicy(
  coes: readonly string[],
  hosts: readonly string[] | undefined,
): GlobalNetworkPolicy {
  const known = coes.map((coe) => `'${coe}'`).join(", ");
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkPolicy",
    metadata: { name: `${tierName}.cross-coe` },
    spec: {
      ingress: [
        {
          action: "Pass",
          source: { namespaceSelector: "global()", selector: `${label} in { ${known} }` },
        },
        ...(hosts === undefined ? [] : [{ action: "Pass" as const, source: { nets: hosts } }]),
        { action: "Deny" },
      ],
      selector: containers,
      tier: tierName,
      types: ["Ingress"],
    },
  };
}
