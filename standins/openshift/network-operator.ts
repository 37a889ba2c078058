import { z } from "zod";

/**
 * Plays the part of OVN-Kubernetes that matters to BGP, as its documentation and source describe it: templates that
 * RouteAdvertisements select become an object for each node, with the node's subnets. It moves no packets.
 */

const labels = z.record(z.string(), z.string()).default({});
const selector = z.looseObject({ matchLabels: labels }).prefault({});

const router = z.looseObject({
  vrf: z.string().default(""),
  neighbors: z
    .array(z.looseObject({ address: z.string(), disableMP: z.boolean().default(false) }))
    .default([]),
});
const template = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().default(""), labels }),
  spec: z.looseObject({
    bgp: z.looseObject({ routers: z.array(router).default([]) }).prefault({}),
    nodeSelector: selector,
  }),
});
type Template = z.output<typeof template>;

const routeAdvertisements = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    targetVRF: z.string().default(""),
    frrConfigurationSelector: selector,
  }),
});

/** A node with what OVN-Kubernetes has given it. */
export interface OvnNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly subnets: readonly string[];
}

/** A range of the pod network, and the length of what each node has of it. */
export interface PodRange {
  readonly cidr: string;
  readonly hostPrefix: number;
}

/** What becomes of RouteAdvertisements: its status, and the objects that are generated. */
export interface Outcome {
  readonly status: string;
  readonly generated: readonly object[];
}

const key = "k8s.ovn.org/route-advertisements";
const prefix = "ovnk-generated-";

/**
 * What OVN-Kubernetes makes of RouteAdvertisements for the pod network.
 * @param configurations all FRRConfigurations of its namespace
 * @param noOverlay the pod network where it has no overlay: nodes accept each other's subnets then
 */
export function outcomeOf(
  advertisements: unknown,
  configurations: readonly unknown[],
  nodes: readonly OvnNode[],
  noOverlay: readonly PodRange[] = [],
): Outcome {
  const { metadata, spec } = routeAdvertisements.parse(advertisements);
  const { frrConfigurationSelector, targetVRF } = spec;
  const selected = configurations
    .map((one) => template.parse(one))
    .filter(
      (one) =>
        !one.metadata.name.startsWith(prefix) &&
        matches(one.metadata.labels, frrConfigurationSelector.matchLabels),
    );
  if (selected.length === 0) return refused("configuration pending: no FRRConfigurations selected");
  for (const one of selected) {
    const fault = faultOf(one, targetVRF);
    if (fault !== undefined) return refused(`configuration error: ${fault}`);
  }
  const generated = selected.flatMap((one) =>
    nodes
      .filter((node) => matches(node.labels, one.spec.nodeSelector.matchLabels))
      .map((node) => generate(metadata.name, one, node, { targetVRF, noOverlay })),
  );
  return { status: "Accepted", generated };
}

function refused(why: string): Outcome {
  return { status: `Not Accepted: ${why}`, generated: [] };
}

/** It demands disableMP up to 1.3; a selected object without a router of the VRF is an error, too. */
function faultOf({ metadata, spec }: Template, targetVRF: string): string | undefined {
  const { routers } = spec.bgp;
  const name = `${metadata.namespace}/${metadata.name}`;
  if (!routers.some(({ vrf }) => vrf === targetVRF)) return `no router for ${targetVRF} in ${name}`;
  const [multi] = routers.flatMap(({ neighbors }) => neighbors.filter((one) => !one.disableMP));
  return multi === undefined
    ? undefined
    : `DisableMP==false not supported, seen on FRRConfiguration ${name} neighbor ${multi.address}`;
}

/** It repeats the template's router, and says what the node advertises to each neighbour of its family, and accepts beside the template. */
function generate(
  advertisements: string,
  from: Template,
  node: OvnNode,
  { targetVRF, noOverlay }: { readonly targetVRF: string; readonly noOverlay: readonly PodRange[] },
) {
  const received = (address: string) => {
    const prefixes = noOverlay
      .filter(({ cidr }) => isSix(cidr) === isSix(address))
      .map(({ cidr, hostPrefix }) => ({ prefix: cidr, ge: hostPrefix, le: hostPrefix }));
    return prefixes.length === 0 ? {} : { toReceive: { allowed: { mode: "filtered", prefixes } } };
  };
  const { name, namespace } = from.metadata;
  const routers = from.spec.bgp.routers.filter(({ vrf }) => vrf === targetVRF);
  return {
    apiVersion: from.apiVersion,
    kind: from.kind,
    metadata: {
      ...{ name: `${prefix}${advertisements}-${name}-${node.name}`, namespace },
      labels: { [key]: advertisements },
      annotations: { [key]: `${advertisements}/${name}/${node.name}` },
    },
    spec: {
      nodeSelector: { matchLabels: { "kubernetes.io/hostname": node.name } },
      bgp: {
        routers: routers.map(({ neighbors, ...rest }) => ({
          ...rest,
          prefixes: node.subnets,
          neighbors: neighbors.map(({ toReceive: _, ...neighbor }) => ({
            ...neighbor,
            ...received(neighbor.address),
            toAdvertise: {
              allowed: {
                mode: "filtered",
                prefixes: node.subnets.filter((one) => isSix(one) === isSix(neighbor.address)),
              },
            },
          })),
        })),
      },
    },
  };
}

const isSix = (text: string) => text.includes(":");

function matches(
  found: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([name, value]) => found[name] === value);
}
