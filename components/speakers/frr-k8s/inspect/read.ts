import { z } from "zod";
import { together } from "../../../../util/together";
import type { Kubectl } from "../../../cluster/kubectl";
import { type NodeObject, nodeObject } from "../../../cluster/nodes";
import {
  type KubernetesObject,
  list,
  madeByStack,
  names,
  optional,
} from "../../../cluster/objects";
import { frrGroup } from "../names";
import { networkKinds } from "./networks";
import type {
  AgentState,
  ConfigurationState,
  FrrClusterState,
  NetworkState,
  NodeState,
  ResultState,
} from "./state";

const container = z.looseObject({
  name: z.string(),
  image: z.string().default(""),
  command: z.array(z.string()).nullish(),
  args: z.array(z.string()).nullish(),
});
const daemonSpec = z.looseObject({
  template: z.looseObject({ spec: z.looseObject({ containers: z.array(container) }) }),
});
const daemonStatus = z.looseObject({
  desiredNumberScheduled: z.number().default(0),
  numberReady: z.number().default(0),
});
const nodeStatus = z.looseObject({
  lastConversionResult: z.string().default(""),
  lastReloadResult: z.string().default(""),
});
const flannelNet = z.looseObject({ Backend: z.looseObject({ Type: z.string().default("") }) });

/** Definitions nest schemas; what is below the neighbours of a router is looked for, whatever the version. */
const definition = z.looseObject({
  versions: z.array(
    z.looseObject({ schema: z.looseObject({ openAPIV3Schema: z.unknown().optional() }).nullish() }),
  ),
});
const schema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  items: z.unknown().optional(),
});

/** The ranges of a node's pods. */
type RangesOf = (node: NodeObject) => readonly string[];

const podCidrs: RangesOf = ({ spec }) => spec.podCIDRs ?? [];

/**
 * Reads what matters of a cluster, and changes nothing.
 * @param rangesOf where somebody else than Kubernetes gives ranges to nodes
 * @throws SeamlessError when the API does not answer or refuses to say
 */
export async function readFrrCluster(
  kubectl: Kubectl,
  rangesOf: RangesOf = podCidrs,
): Promise<FrrClusterState> {
  const [nodes, definitions, daemonSets] = await together(
    list(kubectl, ["nodes"]),
    names(kubectl, "customresourcedefinitions"),
    list(kubectl, ["daemonsets", "--all-namespaces"]),
  );
  const served = (plural: string) => definitions.includes(`${plural}.${frrGroup}`);
  const [found, configurations, states] = await together(
    served("frrconfigurations")
      ? list(kubectl, ["customresourcedefinitions", `frrconfigurations.${frrGroup}`])
      : Promise.resolve([]),
    served("frrconfigurations")
      ? list(kubectl, [`frrconfigurations.${frrGroup}`, "-A", "--show-managed-fields"])
      : Promise.resolve([]),
    served("frrnodestates") ? list(kubectl, [`frrnodestates.${frrGroup}`]) : Promise.resolve([]),
  );
  return {
    nodes: nodes.map((one) => nodeOf(nodeObject.parse(one), rangesOf)),
    fields: found.map(({ spec }) => neighbourFields(spec))[0],
    agents: daemonSets.flatMap(agentOf),
    networks: await networksOf(kubectl, daemonSets),
    configurations: configurations.map(configurationOf),
    results: Object.fromEntries(
      states.map(({ metadata, status }): [string, ResultState] => {
        const { lastConversionResult, lastReloadResult } = nodeStatus.parse(status);
        return [
          metadata.name,
          { conversion: lastConversionResult.trim(), reload: lastReloadResult.trim() },
        ];
      }),
    ),
  };
}

function nodeOf(node: NodeObject, rangesOf: RangesOf): NodeState {
  const { metadata, status } = node;
  return {
    name: metadata.name,
    labels: metadata.labels,
    addresses: status.addresses
      .filter(({ type }) => type === "InternalIP")
      .map(({ address }) => address),
    podCidrs: rangesOf(node),
  };
}

function configurationOf(found: KubernetesObject): ConfigurationState {
  const { metadata, spec } = found;
  return {
    namespace: metadata.namespace ?? "default",
    name: metadata.name,
    ours: madeByStack(found),
    spec,
  };
}

function containersOf({ spec }: KubernetesObject) {
  const { data } = daemonSpec.safeParse(spec);
  return data?.template.spec.containers ?? [];
}

/** FRR with its reloader. MetalLB's own FRR has these, too, beside a speaker. */
function agentOf(found: KubernetesObject): AgentState[] {
  const containers = containersOf(found);
  const named = (name: string) => containers.some((one) => one.name === name);
  if (!named("frr") || !named("reloader") || named("speaker")) return [];
  const controller = containers.find(({ image, command }) =>
    [image, ...(command ?? [])].some((word) => /frr-?k8s/.test(word)),
  );
  const { desiredNumberScheduled: wanted, numberReady: ready } = daemonStatus.parse(found.status);
  return [
    {
      namespace: found.metadata.namespace ?? "default",
      name: found.metadata.name,
      version: /:([^:@/]+)(@|$)/.exec(controller?.image ?? "")?.[1] ?? "of unknown version",
      ...{ wanted, ready },
    },
  ];
}

async function networksOf(
  kubectl: Kubectl,
  daemonSets: readonly KubernetesObject[],
): Promise<NetworkState[]> {
  const found = daemonSets.flatMap((one) => {
    const containers = containersOf(one);
    return Object.entries(networkKinds).flatMap(([kind, known]) => {
      const own = containers.find(({ name }) => known.containers.includes(name));
      const { beside } = known;
      const whole = beside === undefined || containers.some(({ name }) => name === beside);
      return own === undefined || !whole ? [] : [{ kind, one, own }];
    });
  });
  return Promise.all(
    found.map(async ({ kind, one, own }): Promise<NetworkState> => {
      const { namespace = "default", name } = one.metadata;
      const object = `${namespace}/${name}`;
      if (kind !== "flannel") return { kind, object };
      const [map] = await optional(kubectl, [
        ...["configmaps", "kube-flannel-cfg", "--namespace", namespace],
      ]);
      const backend = flannelBackend(map?.data["net-conf.json"]);
      const masquerades = (own.args ?? []).some((word) => /^--?ip-masq(=true)?$/.test(word));
      return { kind, object, masquerades, ...(backend === undefined ? {} : { backend }) };
    }),
  );
}

function flannelBackend(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return flannelNet.parse(JSON.parse(text)).Backend.Type;
  } catch {
    return undefined;
  }
}

function neighbourFields(spec: Readonly<Record<string, unknown>>): readonly string[] {
  const [version] = definition.parse(spec).versions;
  let at: unknown = version?.schema?.openAPIV3Schema;
  for (const step of ["spec", "bgp", "routers", "neighbors"]) {
    const found = schema.safeParse(at).data?.properties[step];
    at = schema.safeParse(found).data?.items ?? found;
  }
  return Object.keys(schema.safeParse(at).data?.properties ?? {});
}
