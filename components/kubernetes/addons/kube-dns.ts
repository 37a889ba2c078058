import { type ClusterDns, dnsServiceName } from "./dns";
import type { Document, Documents } from "./documents";
import { boundRole } from "./rights";

const name = dnsServiceName;
const namespace = "kube-system";
const selector = { "k8s-app": name };
const labels = { ...selector, "app.kubernetes.io/managed-by": "seamless" };
const version = "1.26.7";
const defaultImages: Readonly<Record<string, string>> = {
  kubedns: `registry.k8s.io/dns/k8s-dns-kube-dns:${version}`,
  dnsmasq: `registry.k8s.io/dns/k8s-dns-dnsmasq-nanny:${version}`,
  sidecar: `registry.k8s.io/dns/k8s-dns-sidecar:${version}`,
};
const domain = "cluster.local";
/** Where kubedns answers, which dnsmasq asks; both are in one pod. */
const inner = 10053;
const health = 10054;

/**
 * kube-dns as its own manifest has it (cluster/addons/dns/kube-dns of Kubernetes), for clusters that still run it. Zones
 * of other COEs and servers for names outside are data of its ConfigMap ("Configuration of Stub-domain and upstream
 * nameserver using kube-dns"), in JSON.
 */
export function kubeDns({ addon, address, forwards }: ClusterDns): Documents {
  const metadata = { name, namespace, labels };
  const upstream = addon.upstream ?? [];
  // dnsmasq goes by the node's resolv.conf unless told not to: no servers at all mean that nobody is asked.
  const closed = addon.upstream !== undefined && upstream.length === 0;
  return {
    account: { apiVersion: "v1", kind: "ServiceAccount", metadata },
    // Part of every cluster with RBAC ("Core component roles" of the Kubernetes documentation).
    binding: boundRole(
      { name: "seamless:kube-dns", account: name, namespace, labels },
      "system:kube-dns",
    ),
    config: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: {
        ...(Object.keys(forwards).length === 0 ? {} : { stubDomains: JSON.stringify(forwards) }),
        ...(upstream.length === 0 ? {} : { upstreamNameservers: JSON.stringify(upstream) }),
      },
    },
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        selector,
        clusterIP: address,
        ports: [
          { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
          { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
        ],
      },
    },
    deployment: deployment(metadata, addon, closed),
  };
}

function deployment(
  metadata: { name: string; namespace: string; labels: Record<string, string> },
  addon: ClusterDns["addon"],
  closed: boolean,
): Document {
  const image = (part: string) => addon.images?.[part] ?? defaultImages[part] ?? "";
  const alive = (path: string) => ({
    httpGet: { path, port: health },
    initialDelaySeconds: 60,
    timeoutSeconds: 5,
    failureThreshold: 5,
  });
  const confined = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsUser: 1001,
    runAsGroup: 1001,
  };
  const ports = (prefix: string, containerPort: number) => [
    { name: prefix, containerPort, protocol: "UDP" },
    { name: `${prefix}-tcp`, containerPort, protocol: "TCP" },
  ];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: addon.replicas ?? 2,
      selector: { matchLabels: selector },
      strategy: { rollingUpdate: { maxSurge: "10%", maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: "system-cluster-critical",
          tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
          // The node's own resolver: asking the cluster's would be asking itself.
          dnsPolicy: "Default",
          securityContext: { supplementalGroups: [65534], fsGroup: 65534 },
          containers: [
            {
              name: "kubedns",
              image: image("kubedns"),
              args: [
                `--domain=${domain}.`,
                `--dns-port=${inner}`,
                "--config-dir=/kube-dns-config",
                "--v=2",
              ],
              env: [{ name: "PROMETHEUS_PORT", value: "10055" }],
              ports: ports("local", inner),
              livenessProbe: alive("/healthcheck/kubedns"),
              readinessProbe: { httpGet: { path: "/readiness", port: 8081 }, timeoutSeconds: 5 },
              resources: { requests: { cpu: "100m", memory: "70Mi" }, limits: { memory: "170Mi" } },
              securityContext: confined,
              volumeMounts: [{ name: "config", mountPath: "/kube-dns-config" }],
            },
            {
              name: "dnsmasq",
              image: image("dnsmasq"),
              args: dnsmasqArgs(closed),
              ports: ports("dns", 53),
              livenessProbe: alive("/healthcheck/dnsmasq"),
              resources: { requests: { cpu: "150m", memory: "20Mi" } },
              securityContext: {
                capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE", "SETGID"] },
              },
              volumeMounts: [{ name: "config", mountPath: "/etc/k8s/dns/dnsmasq-nanny" }],
            },
            {
              name: "sidecar",
              image: image("sidecar"),
              args: [
                "--v=2",
                ...[`kubedns,127.0.0.1:${inner}`, "dnsmasq,127.0.0.1:53"].map(
                  (server) => `--probe=${server},kubernetes.default.svc.${domain},5,SRV`,
                ),
              ],
              ports: [{ name: "metrics", containerPort: health, protocol: "TCP" }],
              livenessProbe: alive("/metrics"),
              resources: { requests: { cpu: "10m", memory: "20Mi" } },
              securityContext: confined,
            },
          ],
          volumes: [{ name: "config", configMap: { name, optional: true } }],
        },
      },
    },
  };
}

/** The nanny's own arguments, then those of dnsmasq, which it starts and restarts when the ConfigMap changes. */
function dnsmasqArgs(closed: boolean): string[] {
  return [
    "-v=2",
    "-configDir=/etc/k8s/dns/dnsmasq-nanny",
    "-restartDnsmasq=true",
    "--",
    "-k",
    "--cache-size=1000",
    "--no-negcache",
    "--dns-loop-detect",
    "--log-facility=-",
    ...(closed ? ["--no-resolv"] : []),
    ...[domain, "in-addr.arpa", "ip6.arpa"].map((zone) => `--server=/${zone}/127.0.0.1#${inner}`),
  ];
}
