import type { Input } from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { Document, Documents } from "./documents";
import { clusterRights, localRights } from "./rights";
import { confined, fromItsNode, type Images, type Site } from "./site";

/** The name of the whole, and the beginning of its parts' names: the API looks for the scraper under this one. */
const name = "kubernetes-dashboard";
const settings = `${name}-settings`;
const csrf = { name: `${name}-csrf`, key: "private.key" };
const gatewayConfig = `${name}-gateway`;
const port = 8000;
/** Parts that only the API server leads to; the others are asked by the gateway. */
const byApiServer = ["gateway", "metrics-scraper"];
const gatewayPort = 8443;

/** Those of chart 7.14.0, the last there was before the project was archived in January 2026. */
const defaultImages: Images = {
  api: "docker.io/kubernetesui/dashboard-api:1.14.0",
  auth: "docker.io/kubernetesui/dashboard-auth:1.4.0",
  web: "docker.io/kubernetesui/dashboard-web:1.7.0",
  "metrics-scraper": "docker.io/kubernetesui/dashboard-metrics-scraper:1.2.2",
  gateway: "docker.io/library/kong:3.9",
};

/** Which part answers which paths; the longest that fits is taken ("gateway" of the project's chart). */
const routes: Readonly<Record<string, readonly string[]>> = {
  auth: ["/api/v1/login", "/api/v1/csrftoken/login", "/api/v1/me"],
  api: ["/api", "/metrics"],
  web: ["/"],
};

/** The gateway's configuration, in Kong's declarative format ("DB-less mode" of its documentation). */
export function renderGateway(): string {
  return stringify({
    _format_version: "3.0",
    services: Object.entries(routes).map(([part, paths]) => ({
      name: part,
      host: partName(part),
      port,
      protocol: "http",
      routes: [{ name: part, paths: [...paths], strip_path: false }],
    })),
  });
}

/**
 * Kubernetes Dashboard 7, without its chart: four programs behind a gateway. It has next to no rights of its own;
 * whoever signs in brings a token, such as that of the viewer.
 */
export function kubernetesDashboard(site: Site, images: Images, random: Input<string>): Documents {
  const { namespace, labels } = site;
  const parts = Object.keys(defaultImages).filter((part) => part !== "gateway");
  const metadata = (of: string) => ({ name: of, namespace, labels });
  return {
    settings: { apiVersion: "v1", kind: "ConfigMap", metadata: metadata(settings) },
    csrf: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: metadata(csrf.name),
      data: { [csrf.key]: random },
    },
    "gateway-config": {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: metadata(gatewayConfig),
      data: { "kong.yml": renderGateway() },
    },
    ...rights(site),
    ...Object.fromEntries(
      parts.flatMap((part): [string, Document][] => [
        [part, deployment(site, part, image(images, part), container(part, namespace))],
        [`${part}-service`, service(site, part, partName(part), { port, targetPort: port })],
      ]),
    ),
    gateway: deployment(site, "gateway", image(images, "gateway"), gateway),
    service: service(site, "gateway", site.service, {
      name: "https",
      port: 443,
      targetPort: gatewayPort,
    }),
  };
}

function partName(part: string): string {
  return `${name}-${part}`;
}

function image(images: Images, part: string): string {
  return images[part] ?? defaultImages[part] ?? "";
}

/** An account for each program that asks the cluster, with what it needs to work at all. */
function rights({ namespace, labels }: Site): Documents {
  const grant = (part: string) => ({
    name: partName(part),
    account: partName(part),
    namespace,
    labels,
  });
  const scraper = partName("metrics-scraper");
  const scrape = {
    apiGroups: [""],
    resources: ["services/proxy"],
    resourceNames: [scraper, `http:${scraper}`],
    verbs: ["get"],
  };
  const remember = {
    apiGroups: [""],
    resources: ["configmaps"],
    resourceNames: [settings],
    verbs: ["get", "update"],
  };
  const measure = {
    apiGroups: ["metrics.k8s.io"],
    resources: ["pods", "nodes"],
    verbs: ["get", "list", "watch"],
  };
  const api = localRights(grant("api"), [scrape]);
  const web = localRights(grant("web"), [remember]);
  const metrics = clusterRights({ ...grant("metrics-scraper"), name: `seamless:${scraper}` }, [
    measure,
  ]);
  const accounts = ["api", "auth", "web", "metrics-scraper"].map((part): [string, Document] => [
    `${part}-account`,
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: partName(part), namespace, labels },
    },
  ]);
  return {
    ...Object.fromEntries(accounts),
    "api-role": api.role,
    "api-binding": api.binding,
    "web-role": web.role,
    "web-binding": web.binding,
    "metrics-scraper-role": metrics.role,
    "metrics-scraper-binding": metrics.binding,
  };
}

/** How a program of a part is run, but for what all have in common. */
interface Program {
  readonly account?: string;
  readonly args?: string[];
  readonly env?: { name: string; value?: string; valueFrom?: object }[];
  readonly port: number;
  readonly mounts: { name: string; mountPath: string; readOnly?: boolean }[];
  readonly volumes: { name: string; emptyDir?: object; configMap?: { name: string } }[];
}

function container(part: string, namespace: string): Program {
  const key = { name: "CSRF_KEY", valueFrom: { secretKeyRef: csrf } };
  const args: Readonly<Record<string, string[]>> = {
    api: [
      `--namespace=${namespace}`,
      `--metrics-scraper-service-name=${partName("metrics-scraper")}`,
    ],
    web: [`--settings-config-map-name=${settings}`],
  };
  return {
    account: partName(part),
    args: args[part] ?? [],
    env: part === "api" || part === "auth" ? [key] : [],
    port,
    mounts: [{ name: "tmp", mountPath: "/tmp" }],
    volumes: [{ name: "tmp", emptyDir: {} }],
  };
}

/** Kong without a database and without its API for administrators; it makes its own certificate at every start. */
const gateway: Program = {
  env: Object.entries({
    KONG_DATABASE: "off",
    KONG_DECLARATIVE_CONFIG: "/etc/gateway/kong.yml",
    KONG_ADMIN_LISTEN: "off",
    KONG_STATUS_LISTEN: "off",
    KONG_PROXY_LISTEN: `0.0.0.0:${gatewayPort} http2 ssl`,
    KONG_DNS_ORDER: "LAST,A,CNAME,AAAA,SRV",
    KONG_PLUGINS: "off",
    KONG_NGINX_WORKER_PROCESSES: "1",
    KONG_PREFIX: "/var/run/gateway",
    KONG_PROXY_ACCESS_LOG: "/dev/stdout",
    KONG_PROXY_ERROR_LOG: "/dev/stderr",
  }).map(([variable, value]) => ({ name: variable, value })),
  port: gatewayPort,
  mounts: [
    { name: "config", mountPath: "/etc/gateway", readOnly: true },
    { name: "prefix", mountPath: "/var/run/gateway" },
    { name: "tmp", mountPath: "/tmp" },
  ],
  volumes: [
    { name: "config", configMap: { name: gatewayConfig } },
    { name: "prefix", emptyDir: {} },
    { name: "tmp", emptyDir: {} },
  ],
};

function deployment(site: Site, part: string, from: string, program: Program): Document {
  const selector = selectorOf(part);
  const labels = { ...site.labels, ...selector };
  const { account, args = [], env = [], mounts, volumes } = program;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: partName(part), namespace: site.namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels },
        spec: {
          ...(account === undefined
            ? { automountServiceAccountToken: false }
            : { serviceAccountName: account }),
          containers: [
            {
              name: part,
              image: from,
              imagePullPolicy: "IfNotPresent",
              args,
              env,
              ports: [{ name: "main", containerPort: program.port, protocol: "TCP" }],
              readinessProbe: { tcpSocket: { port: "main" }, periodSeconds: 2 },
              resources: {
                requests: { cpu: "100m", memory: "200Mi" },
                limits: { memory: "400Mi" },
              },
              securityContext: confined,
              volumeMounts: mounts,
            },
          ],
          volumes,
        },
      },
    },
  };
}

function service(
  site: Site,
  part: string,
  of: string,
  target: { name?: string; port: number; targetPort: number },
): Document {
  // The service that browsers are led to tells by its label which dashboard there is.
  const app = part === "gateway" ? { "app.kubernetes.io/name": name } : selectorOf(part);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: of, namespace: site.namespace, labels: { ...site.labels, ...app } },
    spec: {
      selector: selectorOf(part),
      ...(byApiServer.includes(part) ? { internalTrafficPolicy: fromItsNode } : {}),
      ports: [{ ...target, protocol: "TCP" }],
    },
  };
}

function selectorOf(part: string) {
  return { "app.kubernetes.io/name": partName(part) };
}
