import { z } from "zod";
import { addressAnnotation, isVirtual, nodeAddress, nodeObject } from "../../cluster/nodes";
import type { KubernetesObject } from "../../cluster/objects";
import { asnOf, networkOf } from "../../speakers/calico/inspect/address";
import type { NodeState } from "../../speakers/calico/inspect/state";

const nodeSpec = z.looseObject({
  podCIDR: z.string().nullish(),
  podCIDRs: z.array(z.string()).nullish(),
});
const nodeStatus = z.looseObject({
  conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
  nodeInfo: z.looseObject({ operatingSystem: z.string().default("") }).prefault({}),
});

/**
 * What matters of a node's object.
 * @param agentReady whether Calico's agent on it is ready; undefined where there is none
 */
export function nodeState(object: KubernetesObject, agentReady: boolean | undefined): NodeState {
  const { metadata, spec, status } = object;
  const { annotations, labels, name } = metadata;
  const { podCIDR, podCIDRs } = nodeSpec.parse(spec);
  const node = nodeObject.parse(object);
  const { conditions, nodeInfo } = nodeStatus.parse(status);
  const windows = [labels["kubernetes.io/os"], nodeInfo.operatingSystem].includes("windows");
  // Calico writes it on every node that its agent has started on.
  const found = annotations[addressAnnotation[4]];
  const known = [found, annotations[addressAnnotation[6]]].some((one) => one !== undefined);
  const seenBefore = known ? "not ready" : "none";
  const six = nodeAddress(node, 6);
  const network6 = networkOf(annotations[addressAnnotation[6]]);
  return {
    name,
    address: nodeAddress(node, 4) ?? "",
    ...(six === undefined ? {} : { address6: six }),
    network: networkOf(found),
    ...(network6 === undefined ? {} : { network6 }),
    asn: asnOf(annotations["projectcalico.org/ASNumber"]),
    os: windows ? "windows" : "linux",
    virtual: isVirtual(node),
    ready: conditions.find(({ type }) => type === "Ready")?.status === "True",
    agent: agentReady === undefined ? seenBefore : agentReady ? "ready" : "not ready",
    podCidrs: podCIDRs ?? (podCIDR ? [podCIDR] : []),
  };
}
