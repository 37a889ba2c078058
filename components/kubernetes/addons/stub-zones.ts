import { stringify } from "yaml";
import { forwardBlocks } from "../../../util/corefile";

/** By zone, the name servers of other engines. */
export type Forwards = Readonly<Record<string, readonly string[]>>;

/**
 * Stub zones as part of a Corefile ("Configuration of Stub-domain and upstream nameserver using CoreDNS" of the
 * Kubernetes documentation): blocks of their own, so that nothing changes for the cluster's own zone.
 */
export function renderStubZones(forwards: Forwards): string {
  return forwardBlocks(Object.entries(forwards).map(([zone, servers]) => ({ zone, servers })));
}

/** What a cluster whose name server is not made here has to be told, for CoreDNS and for kube-dns, its predecessor. */
export function renderKubernetesForwards(forwards: Forwards): string {
  return [
    "# CoreDNS: at the end of Corefile in ConfigMap kube-system/coredns",
    renderStubZones(forwards),
    "# kube-dns: the data of ConfigMap kube-system/kube-dns",
    stringify({ stubDomains: JSON.stringify(forwards) }),
  ].join("\n");
}
