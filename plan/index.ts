import { asnOfNode, isMesh, rackWithAsn } from "../config/asns";
import { familiesOf } from "../config/family";
import { type CoeKind, kindOf, type ReflectorKind, speaks } from "../config/kind";
import type { CoeConfig, Config, NodeConfig, ReflectorConfig } from "../config/types";
import { blocksIn, type Family, prefix } from "../util/net";
import {
  blockSizeIn,
  inFamily,
  listOf,
  oneOrList,
  podRanges,
  supernets,
  usualBlockSize6,
} from "../util/ranges";
import { spansOf } from "./acceptance";
import { addressOf, fenceName } from "./families";
import type { PlannedKind, PlannedKinds } from "./kind";
import { meshSessions } from "./mesh";
import { forwardsOf, namesPlan } from "./names";
import { policyPlan } from "./policy";
import type { Traits } from "./propagation";
import { networksOf, rackAt, rackPlans, racksIn } from "./racks";
import { refuseDeadEnds } from "./reach";
import { announcedPrefixes } from "./services";
import { sessionOf } from "./sessions";
import { rackFences, serves, sessionsBetween, withHops } from "./tor";
import { guarded } from "./ttl-security";
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

type RouterKinds = Readonly<Record<string, Pick<ReflectorKind, "plan">>>;

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
      const prefixes = { all: accepts(coe, family, true), own: accepts(coe, family, false) };
      return Object.values(coe.nodes)
        .filter((node) => node.speaker)
        .map((node) => ({ coe, node, family, prefixes }));
    }),
  );
  const mesh = isMesh(config.network);
  const sessions = mesh
    ? meshSessions(speakers.map(({ coe, node, family }) => ({ coe: coe.name, node, family }))).map(
        // Calico's own mesh has no such setting, and neither has Calico 2, whichever end it is.
        (one) => (one.ownMesh === true ? one : guarded(config.network, oldest(coes), one)),
      )
    : Object.values(reflectors).flatMap((reflector) =>
        speakers
          .filter(({ node }) => serves(reflector, node))
          .flatMap(({ coe, node, family }) => {
            const session = sessionOf(reflector, node, family, passwordOf(config, coe));
            return session === undefined ? [] : [guarded(config.network, coe, session)];
          }),
      );
  const { asns = "shared" } = config.network;
  const networks = networksOf(config.network);
  const fences = speakers.map(({ coe, node, family, prefixes }) => ({
    node,
    fence: {
      node: node.id,
      address: addressOf(node, family) ?? node.address,
      prefixes: leads(coe, node) ? prefixes.all : prefixes.own,
      ...limitOf(config, coe),
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
    ...(mesh ? { topology: "mesh" } : {}),
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
    blockSize: coe.blockSize,
    ...(familiesOf(podRanges(coe)).includes(6)
      ? { blockSize6: coe.blockSize6 ?? usualBlockSize6 }
      : {}),
    blocks: inFamily(podRanges(coe), 4).reduce(
      (sum, range) => sum + blocksIn(prefix(range), coe.blockSize),
      0,
    ),
    nodes: mapSorted(coe.nodes, (node, nodeName) =>
      nodePlan(config, kind, [name, coe], nodeName, node),
    ),
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

/** All sessions of a COE have one password. */
function passwordOf({ bgpPasswords = [] }: Config, { name }: CoePlan): string | undefined {
  return bgpPasswords.includes(name) ? name : undefined;
}

/**
 * A node may announce blocks of its own COE's range, single addresses of them, which Calico announces where a node has
 * borrowed one, and nothing else. Ranges of services lead to every node of their COE, so each announces them whole, and single
 * addresses for what runs on it alone; those of load balancers that announce by themselves, to these.
 */
function accepts(coe: CoePlan, family: Family, services: boolean): FencePlan["prefixes"] {
  const announced = inFamily(services ? [...announcedPrefixes(coe)].sort() : [], family);
  return [
    ...[...inFamily(podRanges(coe), family)]
      .sort()
      .flatMap((range) => spansOf(range, blockSizeIn(coe, range))),
    ...announced.flatMap((range) => spansOf(range, prefix(range).length)),
  ];
}

/** All that the reflectors accept from anybody, so that nothing they pass on is missing. */
function nodesAccept(coes: Readonly<Record<string, CoePlan>>): readonly FencePrefix[] {
  const spans = Object.values(coes).flatMap((coe) =>
    familiesOf(podRanges(coe)).flatMap((family) => accepts(coe, family, true)),
  );
  return [...new Map(spans.map((span) => [JSON.stringify(span), span])).values()];
}

function limitOf({ coes }: Config, { name }: CoePlan): Pick<FencePlan, "limit"> {
  const limit = coes[name]?.prefixLimit;
  return limit === undefined ? {} : { limit };
}

/** The COE with the oldest Calico. */
function oldest(coes: Readonly<Record<string, CoePlan>>): Pick<CoePlan, "calicoApi"> {
  return Object.values(coes).find(({ calicoApi }) => calicoApi === "v1") ?? {};
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

/** Records of one COE share what they have in common, which is frozen once. */
function deepFreeze<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
