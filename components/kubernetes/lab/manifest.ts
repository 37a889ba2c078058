import { SeamlessError } from "../../../util/errors";
import { isRecord, recordAt, recordsIn } from "../../../util/json";

type Json = Record<string, unknown>;

/**
 * What the lab's nodes need to be told beyond upstream's manifest: no pool of Calico's own choosing, no tunnels, the
 * address of the node network, and that this Calico was built without libbpf.
 */
const environment: Readonly<Record<string, string>> = {
  CALICO_IPV4POOL_IPIP: "Never",
  FELIX_DebugSkipCTLBCleanup: "true",
  IP_AUTODETECTION_METHOD: "kubernetes-internal-ip",
  NO_DEFAULT_POOLS: "true",
};

/** The same for nodes with IPv6: their address of it, and that Felix and BIRD have work there. */
const dualStack: Readonly<Record<string, string>> = {
  FELIX_IPV6SUPPORT: "true",
  IP6: "autodetect",
  IP6_AUTODETECTION_METHOD: "kubernetes-internal-ip",
};

/** Host paths of other systems' kernels; where the kernel has no modules, there is no such folder to mount. */
const optionalHostPaths: Readonly<Record<string, string>> = {
  "/lib/modules": "DirectoryOrCreate",
};

/**
 * Upstream's manifest with the changes above.
 * @param both whether the cluster has IPv6, too
 * @throws SeamlessError when it is not as expected
 */
export function adaptManifest(documents: readonly unknown[], both = false): Json[] {
  const objects = documents.filter(isRecord);
  const daemonSet = objects.find(
    (one) => one.kind === "DaemonSet" && recordAt(one, "metadata").name === "calico-node",
  );
  if (daemonSet === undefined)
    throw new SeamlessError("Calico's manifest has no DaemonSet calico-node");
  const pod = recordAt(recordAt(recordAt(daemonSet, "spec"), "template"), "spec");
  for (const container of recordsIn(pod.containers)) {
    if (container.name === "calico-node")
      setEnvironment(container, both ? { ...environment, ...dualStack } : environment);
  }
  if (both) assignIpv6(objects);
  for (const volume of recordsIn(pod.volumes)) {
    const hostPath = isRecord(volume.hostPath) ? volume.hostPath : undefined;
    const type = optionalHostPaths[String(hostPath?.path)];
    if (hostPath !== undefined && type !== undefined) hostPath.type = type;
  }
  return objects;
}

/** calico-ipam gives pods IPv4 addresses alone unless the CNI configuration says more. */
function assignIpv6(objects: readonly Json[]): void {
  const data = objects
    .filter((one) => one.kind === "ConfigMap" && recordAt(one, "metadata").name === "calico-config")
    .map((one) => recordAt(one, "data"))
    .find((one) => typeof one.cni_network_config === "string");
  const before = String(data?.cni_network_config);
  const after = before.replace(
    /"type": "calico-ipam"/,
    '"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true"',
  );
  if (data === undefined || after === before)
    throw new SeamlessError("Calico's manifest has no CNI configuration with calico-ipam");
  data.cni_network_config = after;
}

function setEnvironment(container: Json, variables: Readonly<Record<string, string>>): void {
  const kept = recordsIn(container.env).filter((one) => variables[String(one.name)] === undefined);
  const ours = Object.entries(variables).map(([name, value]) => ({ name, value }));
  container.env = [...kept, ...ours];
}
