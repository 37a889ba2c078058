import type { HeapsterAddon } from "../model/config";
import type { Documents } from "./documents";
import { clusterRights } from "./rights";

/** Everything Heapster consists of goes by this name. */
export const heapsterName = "heapster";
const namespace = "kube-system";
const selector = { "k8s-app": heapsterName };
const labels = { ...selector, task: "monitoring", "app.kubernetes.io/managed-by": "seamless" };
const defaultImage = "registry.k8s.io/heapster-amd64:v1.5.4";
const port = 8082;

/** How the kubelets are asked: by their authenticated port, whose certificate they mostly sign themselves. */
const source =
  "kubernetes.summary_api:''?useServiceAccount=true&kubeletHttps=true&kubeletPort=10250&insecure=true";

/**
 * Heapster of the reference experiment's time, without a store of its own: retired in 2018 for metrics-server ("Heapster
 * Deprecation Timeline" of its repository), and here only for what still asks its API.
 */
export function heapsterObjects(addon: HeapsterAddon): Documents {
  const metadata = { name: heapsterName, namespace, labels };
  const { role, binding } = clusterRights(
    { name: "seamless:heapster", account: heapsterName, namespace, labels },
    [
      {
        apiGroups: [""],
        resources: ["nodes", "pods", "namespaces", "events"],
        verbs: ["get", "list", "watch"],
      },
      { apiGroups: [""], resources: ["nodes/stats"], verbs: ["get"] },
    ],
  );
  return {
    account: { apiVersion: "v1", kind: "ServiceAccount", metadata },
    role,
    binding,
    deployment: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: selector },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: heapsterName,
            containers: [
              {
                name: heapsterName,
                image: addon.image ?? defaultImage,
                imagePullPolicy: "IfNotPresent",
                command: ["/heapster", `--source=${source}`],
                ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
                livenessProbe: {
                  httpGet: { path: "/healthz", port },
                  initialDelaySeconds: 180,
                  timeoutSeconds: 5,
                },
                resources: {
                  requests: { cpu: "50m", memory: "100Mi" },
                  limits: { memory: "300Mi" },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                },
              },
            ],
          },
        },
      },
    },
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector, ports: [{ port: 80, protocol: "TCP", targetPort: port }] },
    },
  };
}
