import type { Documents } from "./documents";
import { confined, fromItsNode, type Images, type Site } from "./site";

const name = "kube-web-view";
const port = 8080;
const defaultImage = "docker.io/hjacobs/kube-web-view:23.2.0";
const selector = { "app.kubernetes.io/name": name };

/** Its token is read anew for every question: the kubelet replaces it, and one that is read once runs out. */
export function webViewArgs(at: number): string[] {
  const token = "/var/run/secrets/kubernetes.io/serviceaccount/token";
  return [`--port=${at}`, `--cluster-auth-token-path=${token}`];
}

/**
 * Kubernetes Web View ("Setup" of its documentation): one program, plain pages, and the cluster as its own account may
 * see it. Whoever reaches it sees the same, so its service is not led outside.
 */
export function kubeWebView(site: Site, images: Images): Documents {
  const { namespace, service, viewer } = site;
  const labels = { ...site.labels, ...selector };
  return {
    web: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: selector },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: viewer,
            // As the first process of its namespace it would not hear SIGTERM, and hold up whoever drains its node.
            shareProcessNamespace: true,
            containers: [
              {
                name,
                image: images.web ?? defaultImage,
                imagePullPolicy: "IfNotPresent",
                args: webViewArgs(port),
                ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
                livenessProbe: {
                  httpGet: { path: "/health", port: "http" },
                  initialDelaySeconds: 30,
                  failureThreshold: 5,
                },
                readinessProbe: { httpGet: { path: "/health", port: "http" }, periodSeconds: 2 },
                resources: {
                  requests: { cpu: "20m", memory: "64Mi" },
                  limits: { memory: "256Mi" },
                },
                securityContext: confined,
              },
            ],
          },
        },
      },
    },
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: service, namespace, labels },
      spec: {
        selector,
        internalTrafficPolicy: fromItsNode,
        ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: "http" }],
      },
    },
  };
}
