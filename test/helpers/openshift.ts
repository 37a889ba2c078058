import { z } from "zod";

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
