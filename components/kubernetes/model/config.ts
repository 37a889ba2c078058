import { z } from "zod";
import type { CoeDraft } from "../../../config/draft";
import { type Readable, readable } from "../../../config/readable";
import type { CoeConfig } from "../../../config/types";
import { ipipField } from "../../speakers/model/ipip";

const text = z.string().exactOptional();
/** Images by the name of the part that runs them. */
const images = z.record(z.string(), z.string()).readonly().exactOptional();

/** The name server, at the tenth address of serviceCidr. */
export type DnsAddon = z.infer<typeof dns>;
const dns = z
  .strictObject({
    /** Today's, or its predecessor. Default: coredns. */
    kind: z.enum(["coredns", "kube-dns"]).exactOptional(),
    /** CoreDNS's. Default: upstream's of the version that was tried. */
    image: text,
    /** Those of kube-dns, by the container's name: `kubedns`, `dnsmasq`, `sidecar`. Default: upstream's. */
    images,
    /** How many servers. Default: 2. */
    replicas: z.int().min(1, { error: "allowed: 1 or more" }).exactOptional(),
    /** Servers for names outside the cluster, or a file that lists them. Default: /etc/resolv.conf of the node. */
    upstream: z.array(z.string()).readonly().exactOptional(),
  })
  .readonly();

/** metrics-server, which `kubectl top` asks. */
export type MetricsAddon = z.infer<typeof metrics>;
const metrics = z
  .strictObject({
    /** Default: upstream's of the version that was tried. */
    image: text,
    /** True where the kubelets' certificates are not signed by the cluster's authority. Default: false. */
    insecureKubelets: z.boolean().exactOptional(),
  })
  .readonly();

/** A program that shows a cluster in a browser. */
export type DashboardKind = z.infer<typeof dashboardKind>;
const dashboardKind = z.enum(["kubernetes-dashboard", "kube-web-view"]);

/** A dashboard with no more rights than to look, in the namespace `kubernetes-dashboard`. */
export type DashboardAddon = z.infer<typeof dashboard>;
const dashboard = z
  .strictObject({
    /** Default: kubernetes-dashboard. */
    kind: dashboardKind.exactOptional(),
    /** By the part's name, such as `web`. Default: upstream's of the version that was looked at. */
    images,
  })
  .readonly();

/** Heapster was an add-on up to 0.1: what asks for it is told what to do, and no list of what is allowed names it. */
const heapster = z
  .custom<never>(() => false, {
    error:
      "Heapster is not made any more; leave it out: the next `pulumi up` removes it, and metrics takes its place. Where something still asks it: kubectl apply -f docs/manifests/heapster.yaml, after that",
  })
  .exactOptional()
  .meta({ deprecated: true });

/** Each is made when it is there, and left alone when it is not. */
export type AddonsConfig = z.infer<typeof addons>;
const addons = z
  .strictObject({
    dns: dns.exactOptional(),
    metrics: metrics.exactOptional(),
    dashboard: dashboard.exactOptional(),
    heapster,
  })
  .readonly();

/** Fields of a cluster's record that no other kind has. */
export const fields = {
  /** What a cluster needs beside its network. Default: none is made. */
  addons: addons.default({}),
  /**
   * Whether Calico's IPAM lets no node borrow an address of another one's block (`calicoctl ipam configure
   * --strictaffinity=true`): reflectors then accept whole blocks alone. Default: false.
   */
  strictAffinity: z.boolean().exactOptional(),
  ...ipipField,
  /**
   * Whether services may have `externalTrafficPolicy: Local`, each of which is announced as a single address. False: reflectors
   * accept announced ranges whole alone. Default: true.
   */
  localServices: z.boolean().exactOptional(),
  /** Namespace of calico-node, where passwords of BGP sessions belong. Default: kube-system. */
  calicoNamespace: text,
  /** Namespace of FRR-K8s, with speaker frr-k8s. Default: frr-k8s-system. */
  frrNamespace: text,
};

const own = z.object(fields);
export type KubernetesConfig = z.infer<typeof own>;

/** A cluster's own fields of a configuration that is valid. */
export function ownOf(coe: CoeConfig): KubernetesConfig {
  return own.parse(coe);
}

/** What can be read of a cluster's own fields. */
export function draftOf({ written }: CoeDraft): Readable<KubernetesConfig> {
  return readable(own, written) ?? {};
}
