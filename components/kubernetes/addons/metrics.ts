import type { MetricsAddon } from "../model/config";

/** Everything metrics-server consists of goes by this name. */
export const metricsName = "metrics-server";
/** The API it serves, which `kubectl top` asks. */
export const metricsApi = "v1beta1.metrics.k8s.io";
const namespace = "kube-system";
const labels = { "k8s-app": metricsName, "app.kubernetes.io/managed-by": "seamless" };
const selector = { "k8s-app": metricsName };
const defaultImage = "registry.k8s.io/metrics-server/metrics-server:v0.9.0";
const port = 10250;
const rbac = "rbac.authorization.k8s.io";

/** The objects, by the kind of resource they are made as ("Kubernetes Metrics Server", its components.yaml). */
export function metricsObjects(addon: MetricsAddon) {
  const metadata = { name: metricsName, namespace, labels };
  const subjects = [{ kind: "ServiceAccount", name: metricsName, namespace }];
  const clusterRole = (name: string) => ({ apiGroup: rbac, kind: "ClusterRole", name });
  return {
    account: { metadata },
    role: {
      metadata: { name: `system:${metricsName}`, labels },
      rules: [
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
        { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
      ],
    },
    binding: {
      metadata: { name: `system:${metricsName}`, labels },
      roleRef: clusterRole(`system:${metricsName}`),
      subjects,
    },
    /** Users who may view a cluster may view what it uses. */
    readers: {
      metadata: {
        name: "system:aggregated-metrics-reader",
        labels: {
          ...labels,
          "rbac.authorization.k8s.io/aggregate-to-admin": "true",
          "rbac.authorization.k8s.io/aggregate-to-edit": "true",
          "rbac.authorization.k8s.io/aggregate-to-view": "true",
        },
      },
      rules: [
        {
          apiGroups: ["metrics.k8s.io"],
          resources: ["pods", "nodes"],
          verbs: ["get", "list", "watch"],
        },
      ],
    },
    delegation: {
      metadata: { name: `${metricsName}:system:auth-delegator`, labels },
      roleRef: clusterRole("system:auth-delegator"),
      subjects,
    },
    authentication: {
      metadata: { ...metadata, name: `${metricsName}-auth-reader` },
      roleRef: {
        apiGroup: rbac,
        kind: "Role",
        name: "extension-apiserver-authentication-reader",
      },
      subjects,
    },
    service: {
      metadata,
      spec: { selector, ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: port }] },
    },
    api: {
      metadata: { name: metricsApi, labels },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        // It makes its own certificate at every start; the API server proves itself to it by its own.
        insecureSkipTLSVerify: true,
        service: { name: metricsName, namespace },
      },
    },
    deployment: deployment(addon, metadata),
  };
}

function deployment(addon: MetricsAddon, metadata: object) {
  return {
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: metricsName,
          priorityClassName: "system-cluster-critical",
          containers: [
            {
              name: metricsName,
              image: addon.image ?? defaultImage,
              imagePullPolicy: "IfNotPresent",
              args: [
                "--cert-dir=/tmp",
                `--secure-port=${port}`,
                "--kubelet-preferred-address-types=InternalIP",
                "--kubelet-use-node-status-port",
                "--metric-resolution=15s",
                addon.insecureKubelets === true
                  ? "--kubelet-insecure-tls"
                  : "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
              ],
              ports: [{ name: "https", containerPort: port, protocol: "TCP" }],
              livenessProbe: {
                httpGet: { path: "/livez", port: "https", scheme: "HTTPS" },
                periodSeconds: 10,
                failureThreshold: 3,
              },
              readinessProbe: {
                httpGet: { path: "/readyz", port: "https", scheme: "HTTPS" },
                periodSeconds: 2,
                failureThreshold: 30,
              },
              resources: { requests: { cpu: "100m", memory: "70Mi" }, limits: { memory: "200Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
                runAsUser: 1000,
                seccompProfile: { type: "RuntimeDefault" },
              },
              volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
            },
          ],
          volumes: [{ name: "tmp", emptyDir: {} }],
        },
      },
    },
  };
}
