import { stringify } from "yaml";
import { z } from "zod";
import type { KubeApi } from "./kube-api";
import { must } from "./kube-stack";
import { sharedPath } from "./shared";

const definitions = "definitions/openshift";

/** Makes objects, or changes them. */
export async function applyAll(api: KubeApi, ...all: readonly object[]): Promise<void> {
  const text = all.map((one) => stringify(one)).join("---\n");
  await must(api, "apply", "--server-side", "--filename", api.file("objects.yaml", text));
}

/** Sets the status of an object, as its controller does. */
export async function setStatus(
  api: KubeApi,
  kind: string,
  name: string,
  value: object,
): Promise<void> {
  const patch = JSON.stringify({ status: value });
  // One definition has its status as a field like others.
  const part = kind === "networks.config.openshift.io" ? [] : ["--subresource=status"];
  await must(api, "patch", kind, name, ...part, "--type=merge", "-p", patch);
}

/** A node as OVN-Kubernetes has annotated it. */
export interface OpenshiftNode {
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly subnets: readonly string[];
  /** What Kubernetes itself gives the node, which OVN-Kubernetes does not use. */
  readonly podCidr?: string;
}

/** Gives an API server the published definitions, the cluster's own objects, and nodes. */
export async function makeOpenshift(
  api: KubeApi,
  nodes: Readonly<Record<string, OpenshiftNode>>,
): Promise<void> {
  const file = (name: string) => ["--filename", sharedPath(`${definitions}/${name}`)];
  await must(
    api,
    ...["apply", "--server-side", "--force-conflicts"],
    ...file("operator.openshift.io/0000_70_network_01_networks-Default.crd.yaml"),
    ...file("config.openshift.io/0000_10_config-operator_01_infrastructures-Default.crd.yaml"),
    ...file("config.openshift.io/0000_10_config-operator_01_networks-Default.crd.yaml"),
  );
  await applyAll(api, clusterVersions);
  await must(api, "wait", "--for=condition=Established", "--timeout=15s", "crd", "--all");
  const own = (kind: string, name: string, group = "config") => ({
    ...{ apiVersion: `${group}.openshift.io/v1`, kind, metadata: { name }, spec: {} },
  });
  await applyAll(
    api,
    ...[own("ClusterVersion", "version"), own("Infrastructure", "cluster")],
    ...[own("Network", "cluster"), own("Network", "cluster", "operator")],
    ...Object.entries(nodes).map(([name, { labels, subnets, podCidr }]) => ({
      ...{ apiVersion: "v1", kind: "Node" },
      ...(podCidr === undefined ? {} : { spec: { podCIDR: podCidr, podCIDRs: [podCidr] } }),
      metadata: {
        ...{ name, labels: { "kubernetes.io/hostname": name, ...labels } },
        annotations: { "k8s.ovn.org/node-subnets": JSON.stringify({ default: subnets }) },
      },
    })),
  );
  for (const [name, { address }] of Object.entries(nodes))
    await setStatus(api, "node", name, { addresses: [{ type: "InternalIP", address }] });
}

/** The one definition that is not among the published ones here; what is in it does not matter. */
export const clusterVersions = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "clusterversions.config.openshift.io" },
  spec: {
    ...{ group: "config.openshift.io", scope: "Cluster" },
    names: { kind: "ClusterVersion", plural: "clusterversions", singular: "clusterversion" },
    versions: [
      {
        ...{ name: "v1", served: true, storage: true, subresources: { status: {} } },
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
};

/** Maps with their keys in order, for comparing as text. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

/** A file of OpenShift's own test cases: an object that goes in, and what the API makes or says of it. */
export const upstreamCases = z.object({
  tests: z.object({
    onCreate: z.array(
      z.object({
        name: z.string(),
        initial: z.string(),
        expected: z.string().optional(),
        expectedError: z.string().optional(),
      }),
    ),
  }),
});
