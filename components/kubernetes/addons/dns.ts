import type { DnsAddon } from "../model/config";
import { renderStubZones } from "./stub-zones";

/** Everything the cluster's name server consists of, under the names that kubeadm gives it. */
export const dnsName = "coredns";
/** The name under which clients and older add-ons know the service, whoever serves it. */
export const dnsServiceName = "kube-dns";
const namespace = "kube-system";
const labels = { "k8s-app": "kube-dns", "app.kubernetes.io/managed-by": "seamless" };
/** What selects the pods may never change, so it is as little as possible. */
const selector = { "k8s-app": "kube-dns" };
const defaultImage = "registry.k8s.io/coredns/coredns:v1.14.7";

/** What the cluster's name server is made from. */
export interface ClusterDns {
  readonly addon: DnsAddon;
  /** The service address that the kubelets give to pods. */
  readonly address: string;
  /** By zone, the name servers of other COEs. */
  readonly forwards: Corefile["forwards"];
}

/** What a Corefile is rendered from. */
export interface Corefile {
  /** Where names outside the cluster are asked for; nobody when empty. */
  readonly upstream: readonly string[];
  /** By zone, the name servers of other COEs. */
  readonly forwards: Readonly<Record<string, readonly string[]>>;
}

/**
 * CoreDNS's configuration, as kubeadm has it ("Customizing DNS Service" of the Kubernetes documentation). Without
 * upstream servers names outside the cluster have no answer, and nobody is asked.
 */
export function renderCorefile({ upstream, forwards }: Corefile): string {
  const forward = upstream.length === 0 ? [] : [`    forward . ${upstream.join(" ")}`];
  return [
    ".:53 {",
    "    errors",
    "    health {",
    "        lameduck 5s",
    "    }",
    "    ready",
    "    kubernetes cluster.local in-addr.arpa ip6.arpa {",
    "        pods insecure",
    "        fallthrough in-addr.arpa ip6.arpa",
    "        ttl 30",
    "    }",
    "    prometheus :9153",
    ...forward,
    "    cache 30",
    "    loop",
    "    reload",
    "    loadbalance",
    "}",
    renderStubZones(forwards),
  ].join("\n");
}

/** The objects, by the kind of resource they are made as. */
export function dnsObjects({ addon, address, forwards }: ClusterDns) {
  const metadata = (name: string) => ({ name, namespace, labels });
  const role = "system:coredns";
  return {
    account: { metadata: metadata(dnsName) },
    role: {
      metadata: { name: role, labels },
      rules: [
        {
          apiGroups: [""],
          resources: ["endpoints", "services", "pods", "namespaces"],
          verbs: ["list", "watch"],
        },
        {
          apiGroups: ["discovery.k8s.io"],
          resources: ["endpointslices"],
          verbs: ["list", "watch"],
        },
      ],
    },
    binding: {
      metadata: { name: role, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ kind: "ServiceAccount", name: dnsName, namespace }],
    },
    corefile: {
      metadata: metadata(dnsName),
      data: {
        Corefile: renderCorefile({ upstream: addon.upstream ?? ["/etc/resolv.conf"], forwards }),
      },
    },
    service: {
      metadata: {
        ...metadata(dnsServiceName),
        annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
      },
      spec: {
        selector,
        clusterIP: address,
        ports: [
          { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
          { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
          { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 },
        ],
      },
    },
    deployment: deployment(addon, metadata(dnsName)),
  };
}

function deployment(addon: DnsAddon, metadata: object) {
  return {
    metadata,
    spec: {
      replicas: addon.replicas ?? 2,
      selector: { matchLabels: selector },
      strategy: { rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: dnsName,
          priorityClassName: "system-cluster-critical",
          tolerations: [
            { key: "CriticalAddonsOnly", operator: "Exists" },
            { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
          ],
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: selector },
            },
          ],
          // The node's own resolver: asking the cluster's would be asking itself.
          dnsPolicy: "Default",
          containers: [
            {
              name: "coredns",
              image: addon.image ?? defaultImage,
              imagePullPolicy: "IfNotPresent",
              args: ["-conf", "/etc/coredns/Corefile"],
              ports: [
                { name: "dns", containerPort: 53, protocol: "UDP" },
                { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
                { name: "metrics", containerPort: 9153, protocol: "TCP" },
              ],
              livenessProbe: {
                httpGet: { path: "/health", port: 8080 },
                initialDelaySeconds: 60,
                failureThreshold: 5,
              },
              readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 2 },
              resources: { requests: { cpu: "100m", memory: "70Mi" }, limits: { memory: "170Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
                readOnlyRootFilesystem: true,
              },
              volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
            },
          ],
          volumes: [
            {
              name: "config",
              configMap: { name: dnsName, items: [{ key: "Corefile", path: "Corefile" }] },
            },
          ],
        },
      },
    },
  };
}
