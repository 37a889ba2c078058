import {
  type AnnouncedRanges,
  addressesOf,
  admits,
  announcedPrefixes,
  type CoePlan,
  type NodePlan,
  type Plan,
} from "../../../plan";
import { SeamlessError } from "../../../util/errors";
import { hostPrefix } from "../../../util/net";
import { listOf, podRanges, type Ranges } from "../../../util/ranges";
import { datastoreNodes } from "../../kinds/models";
import { datastorePolicy } from "./datastore";
import { bgpFilters } from "./filters";
import { bgpPeer, reflectorsOf } from "./peers";
import { admission } from "./policy";
import { ipPools, otherPools } from "./pools";
import type {
  BGPConfiguration,
  BGPPeer,
  CalicoObject,
  CalicoObjects,
  CalicoPlan,
  CalicoPolicy,
  Profile,
} from "./types";

/** Name of the open profile, which is also the name of the container network on DC/OS. */
export const profileName = "calico-open";

/**
 * Takes out of the plan what the Calico of one COE is configured from.
 * @throws SeamlessError when the COE is not in the plan
 */
export function calicoPlan(plan: Plan, coeName: string): CalicoPlan {
  const coe = plan.coes[coeName];
  if (coe === undefined) {
    const known = Object.keys(plan.coes).join(", ");
    throw new SeamlessError(`coes.${coeName}: not in the plan; known: ${known}`);
  }
  const speakers = Object.values(coe.nodes).filter((node) => node.speaker);
  const others = Object.values(plan.coes).filter((other) => other.name !== coe.name);
  return {
    podCidr: coe.podCidr,
    ...(coe.retiring === undefined ? {} : { retiring: coe.retiring }),
    ...(coe.pool === undefined ? {} : { adoptedPool: coe.pool }),
    ...(coe.ipipMode === undefined ? {} : { ipipMode: coe.ipipMode }),
    blockSize: coe.blockSize,
    ...(coe.blockSize6 === undefined ? {} : { blockSize6: coe.blockSize6 }),
    ...asNumbers(plan.asn, speakers),
    ...meshOf(plan, speakers),
    reflectors: reflectorsOf(plan, speakers),
    ...rackRouters(plan, speakers),
    ...(plan.nodeAcceptance === undefined ? {} : { accepts: plan.nodeAcceptance }),
    ...announcedBy(coe),
    ...(coe.loadBalancerPool === undefined ? {} : { loadBalancerPool: coe.loadBalancerPool }),
    natOutgoing: coe.natOutgoing,
    foreign: Object.fromEntries(
      others.map((other) => [other.name, [...podRanges(other), ...announcedPrefixes(other)]]),
    ),
    policy: calicoPolicy(plan, coe),
    ...datastoresOf(plan, coe),
  };
}

function rackRouters(
  { reflectors }: Plan,
  speakers: readonly NodePlan[],
): Pick<CalicoPlan, "rackRouters"> {
  const served = Object.values(reflectors).flatMap(({ rack }) => rack ?? []);
  const all = speakers.every(({ rack }) => rack !== undefined && served.includes(rack));
  return speakers.length > 0 && all ? { rackRouters: true } : {};
}

/** DC/OS gives its named virtual addresses (dcos-l4lb) out of this range; they lead to a service from its own nodes only. */
const virtualRange = "11.0.0.0/8";

/** The members of every package etcd: containers of all COEs have routes to their nodes. */
function datastoresOf(plan: Plan, coe: CoePlan): Pick<CalicoPlan, "datastores"> {
  const members = Object.values(plan.coes).flatMap((one) =>
    datastoreNodes(one).map(({ address }) => address),
  );
  if (members.length === 0) return {};
  const virtual = datastoreNodes(coe).length > 0 ? [virtualRange] : [];
  return { datastores: { members: [...new Set(members)].sort(), virtual } };
}

/**
 * The AS of BGPConfiguration, which is that of nodes that say none: the network's where any node has it, else the one
 * that most have, the lowest of several such. Where others have another, each node's own is told, too.
 */
function asNumbers(
  network: number,
  speakers: readonly NodePlan[],
): Pick<CalicoPlan, "asn" | "nodes"> {
  const counts = new Map<number, number>();
  for (const { asn } of speakers) counts.set(asn, (counts.get(asn) ?? 0) + 1);
  const [most] = [...counts].sort(([a, ofA], [b, ofB]) => ofB - ofA || a - b);
  const asn = counts.has(network) ? network : (most?.[0] ?? network);
  if (counts.size < 2) return { asn };
  return {
    asn,
    nodes: Object.fromEntries(
      speakers.map((node) => [node.name, { address: node.address, asn: node.asn }]),
    ),
  };
}

/** Calico's own mesh is right for nodes of one AS; with several of them the nodes are each other's peers. */
function meshOf(
  { topology }: Plan,
  speakers: readonly NodePlan[],
): Pick<CalicoPlan, "topology" | "ownMesh"> {
  if (topology !== "mesh") return {};
  const asns = new Set(speakers.map(({ asn }) => asn));
  return { topology, ...(asns.size < 2 ? { ownMesh: true } : {}) };
}

/** Calico is told of no ranges that are announced without it: every node would say that it leads to them. */
function announcedBy({
  announced,
  balancers,
}: CoePlan): Pick<CalicoPlan, "announced" | "balanced"> {
  const { loadBalancerIPs, ...others } = announced;
  return balancers === undefined || loadBalancerIPs === undefined
    ? { announced }
    : { announced: others, balanced: loadBalancerIPs };
}

/**
 * Own nodes are let in with the own containers: API servers talk to pods, and what comes by a service of Kubernetes
 * has the address of the node it came by.
 */
function calicoPolicy(plan: Plan, coe: CoePlan): CalicoPolicy {
  const { mode, hosts } = coe.policy;
  if (mode === "open") return { mode, sources: {} };
  const nodes = Object.values(coe.nodes).flatMap((node) => addressesOf(node).map(hostPrefix));
  const sources = Object.values(plan.coes)
    .filter((from) => admits(coe, from))
    .map((from): [string, string[]] => [
      from.name,
      from.name === coe.name ? [...podRanges(from), ...nodes] : [...podRanges(from)],
    ]);
  return {
    mode,
    sources: Object.fromEntries(sources),
    ...(hosts === undefined ? {} : { hosts }),
  };
}

/** The AS, and whether there are sessions from node to node that no peer asks for. */
export function bgpConfiguration(plan: CalicoPlan): BGPConfiguration {
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "BGPConfiguration",
    metadata: { name: "default" },
    spec: {
      asNumber: plan.asn,
      nodeToNodeMeshEnabled: plan.ownMesh === true,
      ...serviceRanges(plan.announced),
    },
  };
}

type ServiceRanges = Pick<
  BGPConfiguration["spec"],
  "serviceClusterIPs" | "serviceExternalIPs" | "serviceLoadBalancerIPs"
>;

/** Calico announces nothing of services unless it is told the ranges ("Advertise Kubernetes service IP addresses"). */
function serviceRanges({
  clusterIPs,
  externalIPs,
  loadBalancerIPs,
}: AnnouncedRanges): ServiceRanges {
  const items = (ranges: Ranges) => listOf(ranges).map((cidr) => ({ cidr }));
  return {
    ...(clusterIPs === undefined ? {} : { serviceClusterIPs: items(clusterIPs) }),
    ...(externalIPs === undefined ? {} : { serviceExternalIPs: items(externalIPs) }),
    ...(loadBalancerIPs === undefined ? {} : { serviceLoadBalancerIPs: items(loadBalancerIPs) }),
  };
}

/** Everything let through, for endpoints that take their rules from the profile of their network. */
export function openProfile(): Profile {
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "Profile",
    metadata: { name: profileName },
    spec: { egress: [{ action: "Allow" }], ingress: [{ action: "Allow" }] },
  };
}

/** Everything one cluster's Calico needs to take part, in the shape Calico takes. */
export function calicoObjects(plan: CalicoPlan): CalicoObjects {
  const peers = Object.entries(plan.reflectors).map(([name, reflector]): [string, BGPPeer] => [
    name,
    bgpPeer(reflector),
  ]);
  return {
    pools: ipPools(plan),
    ranges: otherPools(plan),
    admission: admission(plan.policy),
    ...(plan.datastores === undefined
      ? {}
      : { datastore: datastorePolicy(plan.datastores, plan.policy.mode !== "open") }),
    profile: openProfile(),
    filters: bgpFilters(plan),
    peers: Object.fromEntries(peers),
    configuration: bgpConfiguration(plan),
  };
}

/** All objects in the order to apply them: the mesh goes off only when the peers that replace it are there. */
export function inOrder(objects: CalicoObjects): readonly CalicoObject[] {
  const {
    pools,
    ranges,
    admission: rules,
    datastore,
    profile,
    filters,
    peers,
    configuration,
  } = objects;
  return [
    ...Object.values(pools),
    ...Object.values(ranges),
    ...Object.values(rules.sets),
    ...(rules.tier === undefined ? [] : [rules.tier]),
    rules.policy,
    ...(datastore === undefined ? [] : [datastore]),
    profile,
    ...Object.values(filters),
    ...Object.values(peers),
    configuration,
  ];
}
