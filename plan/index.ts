import { asnOfNode, rackWithAsn } from "../config/asns";
import { familiesOf } from "../config/family";
import { type CoeKind, hasNodeRanges, kindOf, speaks } from "../config/kind";
import type { CoeConfig, Config, NodeConfig, ReflectorConfig } from "../config/types";
import { blocksIn, contains, type Family, prefix } from "../util/net";
import {
  blockSizeIn,
  inFamily,
  listOf,
  oneOrList,
  podRanges,
  supernets,
  usualBlockSize6,
} from "../util/ranges";
import { exactly, limitFor, spansOf } from "./acceptance";
import { hasOwnRanges, nodeRanges } from "./blocks";
import { addressOf, fenceName } from "./families";
import type { PlannedKind, PlannedKinds } from "./kind";
import { forwardsOf, namesPlan } from "./names";
import { policyPlan } from "./policy";
import type { Traits } from "./propagation";
import { networksOf, rackAt, rackPlans, racksIn } from "./racks";
import { refuseDeadEnds } from "./reach";
import { announcedPrefixes } from "./services";
import { nodeSessions, type RouterKinds, topologyPart } from "./topologies";
import { rackFences, sessionsBetween, withHops } from "./tor";
import type {
  AnnouncedRanges,
  CoePlan,
  FencePlan,
  FencePrefix,
  NamesPlan,
  NodePlan,
  Plan,
  ReflectorPlan,
} from "./types";

export {
  type Addressed,
  addressesOf,
  addressOf,
  fenceAt,
  fenceName,
  keyIn,
  routerIdOf,
} from "./families";
export type { DatastoreNode, OwnPart, PlannedKind, PlannedKinds } from "./kind";
export { admits } from "./policy";
export type { RouterTraits, Traits } from "./propagation";
export { announcedPrefixes, announcersOf, balancerAddress } from "./services";
export type * from "./types";
export { nextStep, planDocument, renderPlan, subnetTable } from "./views";

/** RFC 4271. */
const bgpPort = 179;

/**
 * Makes the plan that follows from a valid configuration. Pure: the same configuration, in whatever order, gives
 * the same plan, and each record depends only on what it is about.
 * @param traits by kind of COE or of reflector, how its routers speak BGP; without them, as the RFCs have it
 * @param routers by kind of reflector, what it adds to the plan; without them, nothing
 * @throws ConfigError when a node would not get another one's routes
 */
export function makePlan(
  config: Config,
  kinds: PlannedKinds,
  traits: Traits = {},
  routers: RouterKinds = {},
): Plan {
  const plan = planOf(config, kinds, routers);
  refuseDeadEnds(config, plan, traits);
  return plan;
}

function planOf(config: Config, kinds: PlannedKinds, routers: RouterKinds): Plan {
  const names = namesPlan(config.coes, kinds);
  const coes = mapSorted(config.coes, (coe, name) =>
    coePlan(config, kindOf(kinds, coe.kind), names, name, coe),
  );
  const reflectors = mapSorted(config.reflectors, (one, name) => ({
    ...reflectorPlan(config, name, one),
    ...kindOf(routers, one.kind)?.plan?.(one),
  }));
  const speakers = Object.values(coes).flatMap((coe) =>
    familiesOf(podRanges(coe)).flatMap((family) => {
      const shared = { all: accepts(coe, family, true), own: accepts(coe, family, false) };
      return Object.values(coe.nodes)
        .filter((node) => node.speaker)
        .map((node) => {
          const prefixes =
            node.podCidr === undefined
              ? shared
              : { all: accepts(coe, family, true, node), own: accepts(coe, family, false, node) };
          return { coe, node, family, prefixes };
        });
    }),
  );
  const sessions = nodeSessions({ config, kinds, routers, coes, reflectors, speakers });
  const { asns = "shared" } = config.network;
  const networks = networksOf(config.network);
  const fences = speakers.map(({ coe, node, family, prefixes }) => ({
    node,
    fence: {
      node: node.id,
      address: addressOf(node, family) ?? node.address,
      prefixes: leads(coe, node) ? prefixes.all : prefixes.own,
      ...limitOf(config, coe, family),
    },
  }));
  const ofRacks = Object.values(reflectors).filter(({ rack }) => rack !== undefined);
  const supernet = oneOrList(supernets(config.network));
  return deepFreeze({
    schemaVersion: 2,
    ...(supernet === undefined ? {} : { supernet }),
    nodeNetwork: oneOrList(networks) ?? [],
    ...rackPlans(config.network),
    asn: config.network.asn,
    ...topologyPart(config),
    ...(asns === "shared" ? {} : { asns }),
    coes,
    reflectors,
    sessions: keyed(
      [...sessions, ...sessionsBetween(ofRacks)].map((session) => withHops(session, networks)),
      (session) => session.name,
    ),
    ...(config.network.nodeFilters === true ? { nodeAcceptance: nodesAccept(coes) } : {}),
    fences: keyed(
      [
        ...fences.map(({ fence }) => fence),
        ...ofRacks.flatMap((router) => rackFences(router, fences, ofRacks)),
      ],
      fenceName,
    ),
  });
}

function coePlan(
  config: Config,
  kind: PlannedKind | undefined,
  names: Readonly<Record<string, NamesPlan>>,
  name: string,
  coe: CoeConfig,
): CoePlan {
  const own = names[name];
  const serviceCidr = oneOrList(listOf(coe.serviceCidr));
  return {
    name,
    kind: coe.kind,
    ...(coe.speaker === undefined || coe.speaker === kind?.defaultSpeaker
      ? {}
      : { speaker: coe.speaker }),
    deployed: coe.deploy,
    podCidr: oneOrList(podRanges(coe)) ?? [],
    ...((coe.retiring ?? []).length === 0 ? {} : { retiring: [...(coe.retiring ?? [])].sort() }),
    ...(coe.pool === undefined ? {} : { pool: coe.pool }),
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
    announced: announcedBy(coe),
    ...balancersOf(coe, kind),
    ...(coe.loadBalancerPool === false ? { loadBalancerPool: coe.loadBalancerPool } : {}),
    policy: policyPlan(coe),
    natOutgoing: coe.natOutgoing,
    ...(own === undefined ? {} : { names: own }),
    forwards: forwardsOf(names, name, familiesOf(podRanges(coe))),
    ...(kind?.plan(coe) ?? { addons: [] }),
    ...(hasNodeRanges(kind, coe) ? ownBlocks(coe) : takenBlocks(coe)),
    nodes: mapSorted(coe.nodes, (node, nodeName) =>
      nodePlan(config, kind, [name, coe], nodeName, node),
    ),
  };
}

function takenBlocks(coe: CoeConfig): Pick<CoePlan, "blockSize" | "blockSize6" | "blocks"> {
  return {
    blockSize: coe.blockSize,
    ...(familiesOf(podRanges(coe)).includes(6)
      ? { blockSize6: coe.blockSize6 ?? usualBlockSize6 }
      : {}),
    blocks: inFamily(podRanges(coe), 4).reduce(
      (sum, range) => sum + blocksIn(prefix(range), coe.blockSize),
      0,
    ),
  };
}

/** Where each node has a range of its own, the sizes are those of the largest ones. */
function ownBlocks(coe: CoeConfig): Pick<CoePlan, "blockSize" | "blockSize6" | "blocks"> {
  const own = Object.values(coe.nodes).flatMap(({ podCidr }) => listOf(podCidr));
  const sizes = (family: Family) => inFamily(own, family).map((range) => prefix(range).length);
  const [four, six] = [sizes(4), sizes(6)];
  return {
    blockSize: Math.min(...(four.length === 0 ? [coe.blockSize] : four)),
    ...(six.length === 0 ? {} : { blockSize6: Math.min(...six) }),
    blocks: four.length,
  };
}

function announcedBy(coe: CoeConfig): AnnouncedRanges {
  const clusterIPs = oneOrList(coe.announceServices ? listOf(coe.serviceCidr) : []);
  const loadBalancerIPs = oneOrList(listOf(coe.loadBalancerCidr));
  const externalIPs = oneOrList(listOf(coe.externalCidr));
  return {
    ...(clusterIPs === undefined ? {} : { clusterIPs }),
    ...(loadBalancerIPs === undefined ? {} : { loadBalancerIPs }),
    ...(externalIPs === undefined ? {} : { externalIPs }),
  };
}

function balancersOf(coe: CoeConfig, kind: CoeKind | undefined): Pick<CoePlan, "balancers"> {
  if (kind?.services.balancers === undefined || coe.loadBalancerCidr === undefined) return {};
  const { role } = kind.services.balancers;
  const nodes = Object.entries(coe.nodes).filter(
    ([, node]) => (node.role ?? kind.defaultRole) === role,
  );
  return { balancers: nodes.map(([name]) => name).sort() };
}

function nodePlan(
  config: Config,
  kind: CoeKind | undefined,
  [coeName, coe]: readonly [string, CoeConfig],
  name: string,
  node: NodeConfig,
): NodePlan {
  return {
    id: `${coeName}/${name}`,
    name,
    address: node.address,
    ...(node.address6 === undefined ? {} : { address6: node.address6 }),
    role: node.role ?? kind?.defaultRole ?? "node",
    asn: asnOfNode(
      config.network,
      coe,
      node,
      rackWithAsn(config.network, racksIn(config.network), node.address),
    ),
    speaker: speaks(kind, node),
    ...rackAt(config.network, node.address),
    ...(node.podCidr === undefined
      ? {}
      : { podCidr: oneOrList([...listOf(node.podCidr)].sort(byFamily)) ?? [] }),
  };
}

function reflectorPlan(config: Config, name: string, reflector: ReflectorConfig): ReflectorPlan {
  return {
    name,
    kind: reflector.kind,
    address: reflector.address,
    ...(reflector.address6 === undefined ? {} : { address6: reflector.address6 }),
    asn: reflector.asn ?? config.network.asn,
    ...(reflector.routerId === undefined || reflector.routerId === reflector.address
      ? {}
      : { routerId: reflector.routerId }),
    clusterId: reflector.clusterId ?? reflector.routerId ?? reflector.address,
    ...(reflector.port === undefined || reflector.port === bgpPort ? {} : { port: reflector.port }),
    ...(reflector.rack === undefined ? {} : { rack: reflector.rack }),
  };
}

/**
 * A node may announce blocks of its own COE's range, single addresses of them, which Calico announces where a node may
 * borrow one, and nothing else. Ranges of services lead to every node of their COE, so each announces them whole, and single
 * addresses for what runs on it alone; those of load balancers that announce by themselves, to these. A node with a range of
 * its own announces that as a whole.
 */
function accepts(
  coe: CoePlan,
  family: Family,
  services: boolean,
  node?: NodePlan,
): FencePlan["prefixes"] {
  const announced = inFamily(services ? [...announcedPrefixes(coe)].sort() : [], family);
  const blocks =
    node === undefined
      ? [...inFamily(podRanges(coe), family)].sort().flatMap((range) => blocksOf(coe, range))
      : inFamily(nodeRanges(node), family).map((range) => exactly(range, prefix(range).length));
  const single = coe.localServices === undefined;
  return [...blocks, ...announced.flatMap((range) => spansOf(range, prefix(range).length, single))];
}

/** Blocks of a range: of the lengths that nodes' own ranges have, or as IPAM gives them out. */
function blocksOf(coe: CoePlan, range: string): FencePlan["prefixes"] {
  if (!hasOwnRanges(coe))
    return spansOf(range, blockSizeIn(coe, range), coe.strictAffinity === undefined);
  const inside = Object.values(coe.nodes)
    .flatMap(nodeRanges)
    .filter((own) => contains(range, own))
    .map((own) => prefix(own).length);
  return [...new Set(inside)].sort((a, b) => a - b).map((length) => exactly(range, length));
}

/** All that the reflectors accept from anybody, so that nothing they pass on is missing. */
function nodesAccept(coes: Readonly<Record<string, CoePlan>>): readonly FencePrefix[] {
  const spans = Object.values(coes).flatMap((coe) =>
    familiesOf(podRanges(coe)).flatMap((family) => accepts(coe, family, true)),
  );
  return [...new Map(spans.map((span) => [JSON.stringify(span), span])).values()];
}

function limitOf({ coes }: Config, coe: CoePlan, family: Family): Pick<FencePlan, "limit"> {
  const limit = coes[coe.name]?.prefixLimit;
  if (limit !== "plan") return limit === undefined ? {} : { limit };
  const blocks = inFamily(podRanges(coe), family).map((range) =>
    blocksIn(prefix(range), blockSizeIn(coe, range)),
  );
  return { limit: limitFor(blocks.reduce((sum, count) => sum + count, 0)) };
}

/** Whether a node announces its COE's ranges of services. */
function leads({ balancers }: CoePlan, { name }: NodePlan): boolean {
  return balancers === undefined || balancers.includes(name);
}

function mapSorted<T, U>(
  record: Readonly<Record<string, T>>,
  make: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(
    Object.entries(record)
      .sort(byKey)
      .map(([name, value]) => [name, make(value, name)]),
  );
}

function keyed<T>(values: readonly T[], key: (value: T) => string): Record<string, T> {
  return Object.fromEntries(values.map((value): [string, T] => [key(value), value]).sort(byKey));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byFamily(a: string, b: string): number {
  return prefix(a).family - prefix(b).family;
}

/** Records of one COE share what they have in common, which is frozen once. */
function deepFreeze<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
