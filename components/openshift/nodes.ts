import { z } from "zod";
import type { NodeConfig } from "../../config/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { isPrefix, parsePrefix } from "../../util/net";
import { readKubeconfig } from "../cluster/kubeconfig";
import { type Kubectl, withKubectl } from "../cluster/kubectl";
import { accessOf } from "../cluster/model/access";
import { nodeAddress, nodeObject } from "../cluster/nodes";
import { list } from "../cluster/objects";

/** Where OVN-Kubernetes writes what it has given to a node; the node's podCIDR is not set, or means nothing. */
export const subnetsAnnotation = "k8s.ovn.org/node-subnets";

const subnets = z.object({ default: z.union([z.string(), z.array(z.string())]) });

/** The ranges of a node's pods by the annotation of OVN-Kubernetes; none where it says none. */
export function subnetsIn(annotations: Readonly<Record<string, string>>): readonly string[] {
  const text = annotations[subnetsAnnotation];
  if (text === undefined) return [];
  try {
    return [subnets.parse(JSON.parse(text)).default]
      .flat()
      .filter((one) => isPrefix(parsePrefix(one)));
  } catch {
    return [];
  }
}

/** Labels of nodes that run the control plane. */
const controlPlane = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** All nodes of a cluster as the configuration has them. @throws SeamlessError when it does not answer, or they have no range */
export async function readOpenshiftNodes(
  coe: string,
  kubectl: Kubectl,
): Promise<Record<string, NodeConfig>> {
  const found = (await list(kubectl, ["nodes"])).map((one) => nodeObject.parse(one));
  const lost: string[] = [];
  const nodes = found.flatMap((node): [string, NodeConfig][] => {
    const { name, labels, annotations } = node.metadata;
    const [four, six] = [nodeAddress(node, 4), nodeAddress(node, 6)];
    const address = four ?? six;
    const own = [...subnetsIn(annotations)];
    if (address === undefined || own.length === 0) {
      lost.push(name);
      return [];
    }
    const role = controlPlane.some((label) => label in labels) ? "control-plane" : "worker";
    return [
      [
        name,
        {
          ...{ address, role, podCidr: own },
          ...(four === undefined || six === undefined ? {} : { address6: six }),
        },
      ],
    ];
  });
  if (lost.length > 0 || nodes.length === 0)
    throw new SeamlessError(
      lost.length > 0
        ? `coes.${coe}.nodes: found ${lost.join(", ")} without an InternalIP or without the annotation ${subnetsAnnotation} of OVN-Kubernetes; wait for them, or write the nodes down`
        : `coes.${coe}.nodes: the cluster has no nodes yet; write down those that are to come`,
      exitCode.usage,
    );
  return Object.fromEntries(nodes);
}

/** Asks a cluster that is there already for its nodes. */
export async function askForNodes(
  coe: string,
  access: unknown,
): Promise<Readonly<Record<string, NodeConfig>>> {
  const reached = accessOf(access);
  return withKubectl(readKubeconfig(reached), reached.context, (kubectl) =>
    readOpenshiftNodes(coe, kubectl),
  );
}
