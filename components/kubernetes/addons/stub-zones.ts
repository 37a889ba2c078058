import { stringify } from "yaml";
import { forwardBlocks } from "../../../util/corefile";

/** By zone, the name servers of other COEs. */
export type Forwards = Readonly<Record<string, readonly string[]>>;

/**
 * Stub zones as part of a Corefile ("Configuration of Stub-domain and upstream nameserver using CoreDNS" of the
 * Kubernetes documentation): blocks of their own, so that nothing changes for the cluster's own zone.
 */
export function renderStubZones(forwards: Forwards, bind?: string): string {
  const zones = Object.entries(forwards).map(([zone, servers]) => ({ zone, servers }));
  return forwardBlocks(zones, bind);
}

/**
 * What a cluster whose name server is not made here has to be told: CoreDNS, kube-dns, its predecessor, and NodeLocal
 * DNSCache, which asks CoreDNS for the cluster's own zone only and everybody else itself.
 */
export function renderKubernetesForwards(forwards: Forwards): string {
  return [
    "# CoreDNS: at the end of Corefile in ConfigMap kube-system/coredns",
    renderStubZones(forwards),
    "# kube-dns: the data of ConfigMap kube-system/kube-dns",
    stringify({ stubDomains: JSON.stringify(forwards) }),
    "# NodeLocal DNSCache, where there is one: at the end of Corefile in ConfigMap kube-system/node-local-dns, with the",
    "# addresses of the bind lines that are there. kubespray: ConfigMap kube-system/nodelocaldns, bind 169.254.25.10, or",
    "# nodelocaldns_external_zones in its inventory",
    renderStubZones(forwards, nodeLocalAddress),
  ].join("\n");
}

/** The address at which NodeLocal DNSCache listens on every node ("Using NodeLocal DNSCache in Kubernetes clusters"). */
const nodeLocalAddress = "169.254.20.10";
