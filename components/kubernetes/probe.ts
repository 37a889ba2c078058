import type { CoePlan } from "../../plan/types";
import { addressAt } from "../../util/cidr";
import type { Probe } from "../types";

/** Namespace, Deployment and label of the probe; `seamless verify` looks for these. */
const namespace = "seamless";
const name = "seamless-probe";
const port = 8080;
const labImage = "localhost/seamless/probe:1";

export function probeNamespace() {
  return { metadata: { name: namespace } };
}

/** One server on each node as far as they go, which answers with its name and the client's address. */
export function probeDeployment(probe: Probe) {
  const labels = { app: name };
  return {
    metadata: { name, namespace, labels },
    spec: {
      replicas: probe.instances,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 2,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "DoNotSchedule",
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [
            {
              name: "probe",
              image: probe.image ?? labImage,
              imagePullPolicy: "IfNotPresent",
              command: ["/probe"],
              ports: [{ containerPort: port }],
              readinessProbe: { httpGet: { path: "/", port }, periodSeconds: 2 },
              resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
            },
          ],
        },
      },
    },
  };
}

/**
 * A service in front of the probe with an address of every announced range: given by the cluster, taken by Calico from
 * the pool for load balancers, and the first of the external range. Where only its name is to be found by others, it is
 * headless, and its name leads to the pods. Undefined when nothing leads to it.
 */
export function probeService({ announced, names }: Pick<CoePlan, "announced" | "names">) {
  const { loadBalancerIPs, externalIPs } = announced;
  const none = Object.keys(announced).length === 0;
  if (none && names === undefined) return undefined;
  return {
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      ...(loadBalancerIPs === undefined
        ? { type: "ClusterIP", ...(none ? { clusterIP: "None" } : {}) }
        : { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }),
      ...(externalIPs === undefined ? {} : { externalIPs: [addressAt(externalIPs, 0)] }),
      selector: { app: name },
      ports: [{ name: "http", port, targetPort: port }],
    },
  };
}
