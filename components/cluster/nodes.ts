import { z } from "zod";
import type { NodeConfig } from "../../config/types";
import { parseAsNumber } from "../../util/as-number";
import { exitCode, SeamlessError } from "../../util/errors";
import { addressIn, type Family, familyOf } from "../../util/net";
import { readKubeconfig } from "./kubeconfig";
import { type Kubectl, refusal, withKubectl } from "./kubectl";

/** What matters of a node's object; Calico tells there what it uses. */
export const nodeObject = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z
    .object({
      taints: z.array(z.object({ key: z.string() })).nullish(),
      podCIDRs: z.array(z.string()).nullish(),
    })
    .prefault({}),
  status: z
    .object({
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]),
    })
    .prefault({}),
});

export type NodeObject = z.infer<typeof nodeObject>;

/** Where Calico reads a node's AS; what it cannot read counts as none. */
export const asnAnnotation = "projectcalico.org/ASNumber";

/** Labels of the nodes that run the control plane; the second is that of clusters before 1.24. */
const controllers = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** Where calico-node writes the address that it has found for itself, with its network. */
export const addressAnnotation = {
  4: "projectcalico.org/IPv4Address",
  6: "projectcalico.org/IPv6Address",
} as const satisfies Record<Family, string>;

/**
 * The address of a node's BGP speaker in a family: what calico-node has found for itself ("Configure IP autodetection"),
 * else the node's internal one. Undefined when it has neither.
 */
export function nodeAddress(
  { metadata, status }: Pick<NodeObject, "metadata" | "status">,
  family: Family = 4,
): string | undefined {
  const calico = metadata.annotations[addressAnnotation[family]];
  const internal = status.addresses.find(
    ({ type, address }) => type === "InternalIP" && familyOf(address) === family,
  )?.address;
  return calico === undefined ? internal : addressIn(calico);
}

/** Whether a node is no machine, but stands for a provider of containers (Virtual Kubelet). */
export function isVirtual({ metadata, spec }: Pick<NodeObject, "metadata" | "spec">): boolean {
  const taints = spec.taints ?? [];
  return (
    metadata.labels.type === "virtual-kubelet" ||
    taints.some(({ key }) => key.startsWith("virtual-kubelet.io/"))
  );
}

/**
 * All nodes of a cluster as the configuration has them, whether they are ready or not: a neighbour that is away comes back.
 * Windows nodes and virtual kubelets are left out, for they run no BIRD.
 * @throws SeamlessError when the API does not answer, or nodes have no address
 */
export async function readNodes(
  coe: string,
  kubectl: Kubectl,
): Promise<Record<string, NodeConfig>> {
  const args = ["get", "nodes", "-o", "json"];
  const result = await kubectl(args);
  if (result.code !== 0) throw refusal(kubectl, args, result);
  const { items } = z.object({ items: z.array(nodeObject) }).parse(JSON.parse(result.stdout));
  const speakers = items.filter(
    (node) => node.metadata.labels["kubernetes.io/os"] !== "windows" && !isVirtual(node),
  );
  const lost: string[] = [];
  const nodes = speakers.flatMap((node): [string, NodeConfig][] => {
    const { spec } = node;
    const { name, labels, annotations } = node.metadata;
    const [four, six] = [nodeAddress(node, 4), nodeAddress(node, 6)];
    const address = four ?? six;
    if (address === undefined) {
      lost.push(name);
      return [];
    }
    const role = controllers.some((label) => label in labels) ? "controller" : "worker";
    // One that Calico does not take either is told of by the inspection.
    const asn = parseAsNumber(annotations[asnAnnotation] ?? "");
    const own = spec.podCIDRs ?? [];
    return [
      [
        name,
        {
          address,
          ...(four === undefined || six === undefined ? {} : { address6: six }),
          role,
          ...(asn === undefined ? {} : { asn }),
          ...(own.length === 0 ? {} : { podCidr: own.length === 1 ? (own[0] ?? []) : own }),
        },
      ],
    ];
  });
  if (lost.length > 0 || nodes.length === 0)
    throw new SeamlessError(
      lost.length > 0
        ? `coes.${coe}.nodes: found ${lost.join(", ")} without an address; needed: an InternalIP, or Calico on it; wait for them, or write the nodes down`
        : `coes.${coe}.nodes: the cluster has no nodes yet; write down those that are to come`,
      exitCode.usage,
    );
  return Object.fromEntries(nodes);
}

/** What the configuration says of how a cluster is reached, as far as its nodes are asked for. */
const nodesAccess = z.object({
  kubeconfig: z.string().exactOptional(),
  context: z.string().exactOptional(),
  allowHttp: z.boolean().exactOptional(),
});

/** Asks a cluster that is there already for its nodes. */
export async function askForNodes(
  coe: string,
  access: unknown,
): Promise<Readonly<Record<string, NodeConfig>>> {
  const reached = nodesAccess.parse(access);
  return withKubectl(readKubeconfig(reached), reached.context, (kubectl) =>
    readNodes(coe, kubectl),
  );
}
