import { z } from "zod";
import type { Kubectl } from "../../cluster/kubectl";
import { type KubernetesObject, list, madeByStack } from "../../cluster/objects";
import type { PolicyState } from "../../speakers/calico/inspect/state";
import { policyOf } from "../../speakers/calico/inspect/v3";
import { policyName, tierName } from "../../speakers/calico/policy";
import { ruleFacts } from "../../speakers/calico/precedence";

/** Calico treats Kubernetes' own as policies of the tier `default` with this order. */
const kubernetesOrder = 1000;

/** Kinds of policies beside Calico's global ones, by the name of their definition; Kubernetes' own has none. */
const kinds = [
  ...["networkpolicies", "stagedglobalnetworkpolicies", "stagednetworkpolicies"],
  "stagedkubernetesnetworkpolicies",
].map((plural) => `${plural}.crd.projectcalico.org`);
const kubernetesKinds = [
  "adminnetworkpolicies",
  "baselineadminnetworkpolicies",
  "clusternetworkpolicies",
].map((plural) => `${plural}.policy.networking.k8s.io`);

/** Policies of every kind, but for those of the plan and its add-ons. */
export async function readPolicies(
  kubectl: Kubectl,
  served: ReadonlySet<string>,
  global: readonly KubernetesObject[],
): Promise<{ readonly policies: readonly PolicyState[] }> {
  const there = [...kinds, ...kubernetesKinds].filter((name) => served.has(name));
  const found = await list(kubectl, [
    ["networkpolicies.networking.k8s.io", ...there].join(","),
    "--all-namespaces",
    "--show-managed-fields",
  ]);
  const others = [...global, ...found].filter((one) => !isPlanned(one) && !madeByStack(one));
  return { policies: others.map(stateOf) };
}

function isPlanned({ kind, metadata: { name } }: KubernetesObject): boolean {
  const own = [`default.${policyName}`, `${tierName}.cross-coe`];
  return kind === "GlobalNetworkPolicy" && own.includes(name);
}

const allowing = z
  .array(z.record(z.string(), z.unknown()))
  .nullish()
  .transform((list) => list?.map((rule) => ({ ...rule, action: "Allow" })));
const kubernetesSpec = z.looseObject({
  ingress: allowing,
  egress: allowing,
  policyTypes: z.array(z.string()).nullish(),
});

/** All rules of Kubernetes' own policies allow; which directions they are about follows from them, where it is not said. */
function factsOfKubernetes(spec: unknown): ReturnType<typeof ruleFacts> {
  const { ingress, egress, policyTypes } = kubernetesSpec.parse(spec);
  const types = policyTypes ?? ["Ingress", ...(egress === undefined ? [] : ["Egress"])];
  return ruleFacts({ ingress, egress, types });
}

const tierOfCluster = z.looseObject({ tier: z.string().default("Admin") });

function stateOf({ apiVersion, kind, metadata, spec }: KubernetesObject): PolicyState {
  const { namespace, name: own } = metadata;
  const name = namespace === undefined ? own : `${namespace}/${own}`;
  if (apiVersion.startsWith("networking.k8s.io/"))
    return {
      ...ofKubernetes("NetworkPolicy", name, "default", kubernetesOrder),
      ...factsOfKubernetes(spec),
    };
  if (!apiVersion.startsWith("policy.networking.k8s.io/"))
    return policyOf(kind === "NetworkPolicy" ? "NetworkPolicy.projectcalico.org" : kind, {
      name,
      spec,
    });
  const baseline =
    kind === "BaselineAdminNetworkPolicy" ||
    (kind === "ClusterNetworkPolicy" && tierOfCluster.parse(spec).tier === "Baseline");
  return {
    ...ofKubernetes(kind, name, baseline ? "kube-baseline" : "kube-admin", undefined),
    denies: ruleFacts(spec).denies,
  };
}

function ofKubernetes(
  kind: string,
  name: string,
  tier: string,
  order: number | undefined,
): PolicyState {
  return { kind, name, tier, order, denies: false, staged: false };
}
