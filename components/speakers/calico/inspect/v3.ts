/** Reads the specifications of Calico's v3 objects, which are the same in whatever datastore they are. */
import { z } from "zod";
import { type Family, familyOf, parseEndpoint, parsePrefix } from "../../../../util/net";
import { ruleFacts } from "../precedence";
import {
  type BgpState,
  bgpDefaults,
  type Fields,
  type PeerState,
  type PolicyState,
  type PoolState,
} from "./state";

/** An object as a datastore gives it. */
export interface StoredV3 {
  readonly name: string;
  readonly spec: Fields;
}

/** What only some datastores keep of an object. */
export interface Provenance {
  readonly setBy: readonly string[];
  readonly ours: boolean | undefined;
}

// Calico takes an empty text for none.
const text = (otherwise: string) =>
  z
    .string()
    .nullish()
    .transform((value) => value || otherwise);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

const poolSpec = z.looseObject({
  cidr: z.string(),
  blockSize: z.number().nullish(),
  ipipMode: text("Never"),
  vxlanMode: text("Never"),
  natOutgoing: flag,
  disabled: flag,
  disableBGPExport: flag,
  nodeSelector: text("all()"),
  assignmentMode: text("Automatic"),
  allowedUses: z.array(z.string()).nullish(),
});

/** Prefix length of blocks of pools that name none ("IP pool": blockSize). */
const usualBlock: Readonly<Record<Family, number>> = { 4: 26, 6: 122 };

export function poolOf(
  { name, spec }: StoredV3,
  managedBy: string | undefined,
  provenance: Provenance,
): PoolState {
  const { cidr, blockSize, allowedUses, ...fields } = poolSpec.parse(spec);
  const { ipipMode, vxlanMode, natOutgoing, disabled, disableBGPExport, ...rest } = fields;
  const { nodeSelector, assignmentMode, ...others } = rest;
  const read = canonical(cidr);
  return {
    name,
    cidr: read,
    ...(read === cidr ? {} : { written: cidr }),
    blockSize: blockSize ?? usualBlock[familyOf(cidr) ?? 4],
    ipipMode,
    vxlanMode,
    natOutgoing,
    disabled,
    disableBGPExport,
    nodeSelector,
    assignmentMode,
    // Calico's default; older definitions do not know the field.
    allowedUses: allowedUses?.length ? [...allowedUses].sort() : ["Tunnel", "Workload"],
    others,
    managedBy,
    ...provenance,
  };
}

/** Calico reads `10.244.5.1/16` as `10.244.0.0/16` (`net.ParseCIDR` of Go). */
export function canonical(cidr: string): string {
  const parsed = parsePrefix(cidr);
  return "fault" in parsed && parsed.fault === "host-bits" ? parsed.canonical : cidr;
}

const ranges = z
  .array(z.looseObject({ cidr: z.string().default("") }))
  .nullish()
  .transform((list) => (list ?? []).map(({ cidr }) => cidr));

const bgpSpec = z.looseObject({
  asNumber: z.number().nullish(),
  nodeToNodeMeshEnabled: z.boolean().nullish(),
  serviceClusterIPs: ranges,
  serviceExternalIPs: ranges,
  serviceLoadBalancerIPs: ranges,
});

/** All BGPConfigurations of a cluster: one for all nodes, and `node.<name>` for single ones. */
export function bgpOf(configurations: readonly StoredV3[], setBy: readonly string[]): BgpState {
  const { asNumber, nodeToNodeMeshEnabled, ...rest } = bgpSpec.parse(
    configurations.find(({ name }) => name === "default")?.spec ?? {},
  );
  const { serviceClusterIPs, serviceExternalIPs, serviceLoadBalancerIPs, ...others } = rest;
  return {
    asn: asNumber ?? bgpDefaults.asn,
    mesh: nodeToNodeMeshEnabled ?? bgpDefaults.mesh,
    setBy,
    services: {
      clusterIPs: serviceClusterIPs,
      externalIPs: serviceExternalIPs,
      loadBalancerIPs: serviceLoadBalancerIPs,
    },
    others,
    byNode: Object.fromEntries(
      configurations.flatMap(({ name, spec }) =>
        name.startsWith("node.") ? [[name.slice("node.".length), spec] as const] : [],
      ),
    ),
  };
}

const peerSpec = z.looseObject({
  peerIP: text(""),
  peerSelector: text(""),
  asNumber: z.number().nullish(),
});

export function peerOf({ name, spec }: StoredV3, ours: boolean | undefined): PeerState {
  const { peerIP, peerSelector, asNumber, ...fields } = peerSpec.parse(spec);
  // `10.0.0.1:1790`, `[fd00::1]:1790` ("BGP peer": peerIP).
  const { address, port } = parseEndpoint(peerIP) ?? { address: peerIP };
  const others = { ...fields, ...(port === undefined ? {} : { port }) };
  return { name, peer: address || peerSelector, asn: asNumber ?? undefined, others, ours };
}

const policySpec = z.looseObject({
  tier: text("default"),
  order: z.number().nullish(),
});

/** A policy of Calico's own kinds. @param name with its namespace */
export function policyOf(kind: string, { name, spec }: StoredV3): PolicyState {
  const { tier, order } = policySpec.parse(spec);
  return {
    ...{ kind, name, tier },
    order: order ?? undefined,
    ...ruleFacts(spec),
    staged: kind.startsWith("Staged"),
  };
}

const controllersSpec = z.looseObject({
  controllers: z
    .looseObject({
      node: z
        .looseObject({
          hostEndpoint: z.looseObject({ autoCreate: z.string().nullish() }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

/** Whether Calico's controllers make a HostEndpoint for each node, by their KubeControllersConfiguration. */
export function makesHostEndpoints({ spec }: StoredV3): boolean {
  const { controllers } = controllersSpec.parse(spec);
  return controllers?.node?.hostEndpoint?.autoCreate === "Enabled";
}

/** For lists whose order in an answer means nothing. */
export function byName<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
