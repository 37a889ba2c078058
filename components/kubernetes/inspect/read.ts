import { z } from "zod";
import { familyOf } from "../../../util/net";
import { together } from "../../../util/together";
import type { Kubectl } from "../../cluster/kubectl";
import { type KubernetesObject, list, names, optional } from "../../cluster/objects";
import type { NodeState } from "../../speakers/calico/inspect/state";
import { type AgentSpec, agentContainer, agentSpec } from "./agent";
import { kinds, readCalico } from "./calico";
import { nodeState } from "./node";
import type { ClusterState } from "./state";

const rangeSpec = z.object({ cidrs: z.array(z.string()).default([]) });

/** Calico's agent: the DaemonSet with the container calico-node, by whatever name. */
export interface Agent {
  readonly namespace: string;
  readonly spec: AgentSpec;
}

/**
 * Reads what matters of a cluster, and changes nothing.
 * @throws SeamlessError when the API does not answer or refuses to say
 */
export async function readCluster(kubectl: Kubectl): Promise<ClusterState> {
  const [nodes, ranges, definitions, daemonSets] = await together(
    list(kubectl, ["nodes"]),
    optional(kubectl, ["servicecidrs"]),
    names(kubectl, "customresourcedefinitions"),
    list(kubectl, ["daemonsets", "--all-namespaces"]),
  );
  const served = new Set(definitions);
  const agent = findAgent(daemonSets);
  const states = await nodeStates(kubectl, nodes, agent);
  const native = served.has(`ippools.${kinds.api}`) && !served.has(`ippools.${kinds.group}`);
  const services = ranges.flatMap(({ spec }) => rangeSpec.parse(spec).cidrs);
  const six = services.find((range) => familyOf(range) === 6);
  return {
    nodes: states,
    serviceCidr: services.find((range) => familyOf(range) === 4),
    ...(six === undefined ? {} : { serviceCidr6: six }),
    nativeV3: native || explicitGroup(agent) === kinds.nativeGroup,
    calico:
      served.has(`ippools.${kinds.group}`) && agent !== undefined
        ? await readCalico(kubectl, served, agent, states)
        : undefined,
  };
}

function findAgent(daemonSets: readonly KubernetesObject[]): Agent | undefined {
  for (const { metadata, spec } of daemonSets) {
    const parsed = agentSpec.safeParse(spec);
    if (parsed.success && agentContainer(parsed.data) !== undefined)
      return { namespace: metadata.namespace ?? "default", spec: parsed.data };
  }
  return undefined;
}

/** The API group that Calico is told to use, where it is told. */
function explicitGroup(agent: Agent | undefined): string | undefined {
  if (agent === undefined) return undefined;
  const env = agentContainer(agent.spec)?.env ?? [];
  return env.find(({ name }) => name === "CALICO_API_GROUP")?.value?.toLowerCase();
}

const podSpec = z.looseObject({ nodeName: z.string().default("") });
const podStatus = z.looseObject({
  conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
});

/** Nodes with what their pod of the DaemonSet says; Windows has agents of its own, which speak no BGP with BIRD. */
async function nodeStates(
  kubectl: Kubectl,
  nodes: readonly KubernetesObject[],
  agent: Agent | undefined,
): Promise<NodeState[]> {
  const pods = agent === undefined ? [] : await agentPods(kubectl, agent);
  return nodes.map((node) => {
    const pod = pods.find(({ spec }) => podSpec.parse(spec).nodeName === node.metadata.name);
    const ready =
      pod !== undefined &&
      podStatus
        .parse(pod.status)
        .conditions.some(({ type, status }) => type === "Ready" && status === "True");
    return nodeState(node, pod === undefined ? undefined : ready);
  });
}

function agentPods(kubectl: Kubectl, { namespace, spec }: Agent): Promise<KubernetesObject[]> {
  const labels = Object.entries(spec.selector.matchLabels).map(([key, value]) => `${key}=${value}`);
  return list(kubectl, ["pods", "--namespace", namespace, "--selector", labels.join(",")]);
}
