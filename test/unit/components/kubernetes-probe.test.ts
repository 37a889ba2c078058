import { probeDeployment, probeService } from "../../../components/cluster/probe";
import type { AnnouncedRanges } from "../../../plan";

test("the deployment puts one server on each node as far as they go", () => {
  const labels = { app: "seamless-probe" };
  expect(probeDeployment({ instances: 3 })).toEqual({
    metadata: { name: "seamless-probe", namespace: "seamless", labels },
    spec: {
      replicas: 3,
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
              image: "localhost/seamless/probe:1",
              imagePullPolicy: "IfNotPresent",
              command: ["/probe"],
              ports: [{ containerPort: 8080 }],
              readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 2 },
              resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
            },
          ],
        },
      },
    },
  });
});

test("another image than the lab's needs nothing but busybox, and runs as nobody", () => {
  const { volumes, containers } = probeDeployment({ instances: 1, image: "busybox:1.37" }).spec
    .template.spec;
  expect(volumes).toEqual([{ name: "files", emptyDir: {} }]);
  const [container] = containers;
  expect(container).toMatchObject({
    image: "busybox:1.37",
    command: ["/bin/busybox", "sh", "-c", expect.stringContaining("httpd -f -p 8080")],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  });
});

test("the service in front of the probe has an address of every announced range", () => {
  const ports = [{ name: "http", port: 8080, targetPort: 8080 }];
  const selector = { app: "seamless-probe" };
  const metadata = { name: "seamless-probe", namespace: "seamless", labels: selector };
  const only = (announced: AnnouncedRanges) => probeService({ announced });
  expect(only({})).toBeUndefined();
  expect(only({ clusterIPs: "10.96.0.0/16" })).toEqual({
    metadata,
    spec: { type: "ClusterIP", selector, ports },
  });
  expect(only({ loadBalancerIPs: "10.97.0.0/24", externalIPs: "10.98.0.0/28" })).toEqual({
    metadata,
    spec: {
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      externalIPs: ["10.98.0.0"],
      selector,
      ports,
    },
  });
});

test("where only its name is to be found, the probe's service is headless", () => {
  const names = { zones: ["cluster.local"], servers: ["192.0.2.1:53"] };
  expect(probeService({ announced: {}, names })?.spec).toEqual({
    type: "ClusterIP",
    clusterIP: "None",
    selector: { app: "seamless-probe" },
    ports: [{ name: "http", port: 8080, targetPort: 8080 }],
  });
  const announced = { clusterIPs: "10.96.0.0/16" };
  expect(probeService({ announced, names })).toEqual(probeService({ announced }));
});
