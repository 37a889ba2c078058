import { adaptManifest } from "../../../components/kubernetes/lab/manifest";

const serviceAccount = { kind: "ServiceAccount", metadata: { name: "calico-node" } };

/** As much of Calico's manifest as the lab changes. */
function manifest() {
  return [
    serviceAccount,
    null,
    { kind: "DaemonSet", metadata: { name: "other" }, spec: {} },
    {
      kind: "DaemonSet",
      metadata: { name: "calico-node" },
      spec: {
        template: {
          spec: {
            initContainers: [{ name: "install-cni", env: [{ name: "IP", value: "autodetect" }] }],
            containers: [
              {
                name: "calico-node",
                image: "quay.io/calico/node:v3.31.0",
                env: [
                  { name: "CALICO_IPV4POOL_IPIP", value: "Always" },
                  { name: "IP", value: "autodetect" },
                  { name: "NODENAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
                ],
              },
              { name: "beside", env: [{ name: "CALICO_IPV4POOL_IPIP", value: "Always" }] },
            ],
            volumes: [
              { name: "lib-modules", hostPath: { path: "/lib/modules" } },
              { name: "run", hostPath: { path: "/var/run/calico", type: "DirectoryOrCreate" } },
              { name: "nothing", emptyDir: {} },
            ],
          },
        },
      },
    },
  ];
}

test("changes calico-node alone, and what it mounts", () => {
  const [account, other, node, ...more] = adaptManifest(manifest());
  expect(more).toEqual([]);
  expect(account).toEqual(serviceAccount);
  expect(other).toEqual({ kind: "DaemonSet", metadata: { name: "other" }, spec: {} });
  expect(node).toEqual({
    kind: "DaemonSet",
    metadata: { name: "calico-node" },
    spec: {
      template: {
        spec: {
          initContainers: [{ name: "install-cni", env: [{ name: "IP", value: "autodetect" }] }],
          containers: [
            {
              name: "calico-node",
              image: "quay.io/calico/node:v3.31.0",
              env: [
                { name: "IP", value: "autodetect" },
                { name: "NODENAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
                { name: "CALICO_IPV4POOL_IPIP", value: "Never" },
                { name: "FELIX_DebugSkipCTLBCleanup", value: "true" },
                { name: "IP_AUTODETECTION_METHOD", value: "kubernetes-internal-ip" },
                { name: "NO_DEFAULT_POOLS", value: "true" },
              ],
            },
            { name: "beside", env: [{ name: "CALICO_IPV4POOL_IPIP", value: "Always" }] },
          ],
          volumes: [
            { name: "lib-modules", hostPath: { path: "/lib/modules", type: "DirectoryOrCreate" } },
            { name: "run", hostPath: { path: "/var/run/calico", type: "DirectoryOrCreate" } },
            { name: "nothing", emptyDir: {} },
          ],
        },
      },
    },
  });
});

test("adapted twice is the same as once", () => {
  expect(adaptManifest(adaptManifest(manifest()))).toEqual(adaptManifest(manifest()));
});

test("a manifest without calico-node is not Calico's", () => {
  expect(() => adaptManifest([serviceAccount, null])).toThrow(
    "Calico's manifest has no DaemonSet calico-node",
  );
});
