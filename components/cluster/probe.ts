import type { CoePlan } from "../../plan/types";
import { addressAt, type Family } from "../../util/net";
import { listOf } from "../../util/ranges";
import type { Probe } from "../contract/deploy";

/** Namespace, Deployment and label of the probe; `seamless verify` looks for these. */
const namespace = "seamless";
const name = "seamless-probe";
const port = 8080;
const labImage = "localhost/seamless/probe:1";

export function probeNamespace() {
  return { metadata: { name: namespace } };
}

/** Where the server's files are: in memory of the pod, for images need not have a folder that can be written to. */
const folder = "/seamless";

/**
 * Answers like the lab's own server, by what busybox has: `httpd` runs cgi-bin/index.cgi where there is no page, and
 * tells it the client's address, which is one of IPv6 where it listens on both (busybox, networking/httpd.c).
 */
export const busyboxServer = `set -e
/bin/busybox mkdir -p ${folder}/cgi-bin
/bin/busybox cat > ${folder}/cgi-bin/index.cgi <<'END'
#!/bin/busybox sh
client=\${REMOTE_ADDR#[}
client=\${client%]}
client=\${client#::ffff:}
printf 'Content-Type: application/json\\r\\n\\r\\n{"server":"%s","client":"%s"}\\n' "$(/bin/busybox hostname)" "$client"
END
/bin/busybox chmod 755 ${folder}/cgi-bin/index.cgi
exec /bin/busybox httpd -f -p ${port} -h ${folder}
`;

/** Nobody, on most systems. */
const nobody = { runAsUser: 65534 };

/** How an image that is not the lab's is run: as nobody, with nothing more, so that strict clusters take it, too. */
function busyboxContainer(image: string, user: object) {
  return {
    image,
    volumeMounts: [{ name: "files", mountPath: folder }],
    command: ["/bin/busybox", "sh", "-c", busyboxServer],
    securityContext: {
      runAsNonRoot: true,
      ...user,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

/**
 * One server on each node as far as they go, which answers with its name and the client's address.
 * @param ownUsers whether the cluster itself gives each namespace a range of users, and refuses others. Default: false
 */
export function probeDeployment(probe: Probe, ownUsers = false) {
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
          ...(probe.image === undefined ? {} : { volumes: [{ name: "files", emptyDir: {} }] }),
          containers: [
            {
              name: "probe",
              ...(probe.image === undefined
                ? { image: labImage, command: ["/probe"] }
                : busyboxContainer(probe.image, ownUsers ? {} : nobody)),
              imagePullPolicy: "IfNotPresent",
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
export function probeService(
  { announced, names }: Pick<CoePlan, "announced" | "names">,
  families: readonly Family[] = [4],
) {
  const { loadBalancerIPs, externalIPs } = announced;
  const none = Object.keys(announced).length === 0;
  if (none && names === undefined) return undefined;
  return {
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      ...(loadBalancerIPs === undefined
        ? { type: "ClusterIP", ...(none ? { clusterIP: "None" } : {}) }
        : { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }),
      // Without it a service has the family that comes first in the cluster.
      ...(families.length > 1 ? { ipFamilyPolicy: "PreferDualStack" } : {}),
      ...(externalIPs === undefined
        ? {}
        : { externalIPs: listOf(externalIPs).map((range) => addressAt(range, 0)) }),
      selector: { app: name },
      ports: [{ name: "http", port, targetPort: port }],
    },
  };
}
