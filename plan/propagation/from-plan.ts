import { contains, type Family } from "../../util/net";
import { inFamily, listOf, nodeNetworks, podRanges } from "../../util/ranges";
import { nodeLocalPref } from "../acceptance";
import { blockOf } from "../blocks";
import {
  type Addressed,
  addressesOf,
  addressOf,
  fenceAt,
  gatewayOf,
  routerIdOf,
} from "../families";
import { isInternal, isReflector } from "../sessions";
import type { CoePlan, Plan, RackPlan, SessionEnd, SessionPlan } from "../types";
import {
  type Network,
  type Router,
  type Session,
  type SessionSide,
  unknownGateway,
} from "./network";

interface RouterId {
  readonly routerId?: string;
}

/** The parts of a plan that the model is about. */
export type Modelled = Pick<
  Plan,
  "coes" | "fences" | "nodeNetwork" | "racks" | "reflectors" | "sessions"
>;

/**
 * The network of a plan. Networks of nodes are routed between each other, since sessions cross them, too.
 * @param only ids of the nodes that are in it; all where absent
 */
export function networkOf(plan: Modelled, only?: ReadonlySet<string>): Network {
  const segments = nodeNetworks(plan);
  const gateways = Object.values(plan.racks ?? {});
  const router = (one: Addressed & RouterId, asn: number, kind: string): Router => ({
    asn,
    routerId: routerIdOf(one),
    kind,
    links: addressesOf(one).map((address) => ({
      segment: segments.find((range) => contains(range, address)) ?? "",
      address,
    })),
    ...gatewaysOf(gateways, one),
  });
  const reflectors = Object.values(plan.reflectors).map((one): [string, Router] => [
    one.name,
    { ...router(one, one.asn, one.dialect ?? one.kind), clusterId: one.clusterId },
  ]);
  const nodes = Object.values(plan.coes).flatMap((coe) =>
    Object.values(coe.nodes)
      .filter(({ id, speaker }) => speaker && (only === undefined || only.has(id)))
      .map((node): [string, Router] => [node.id, router(node, node.asn, nodeKind(coe))]),
  );
  const named = only === undefined ? Object.values(plan.sessions) : sessionsOf(plan, only);
  return {
    segments: Object.fromEntries(segments.map((range) => [range, range])),
    routers: Object.fromEntries([...reflectors, ...nodes]),
    sessions: Object.fromEntries(named.map((one) => [one.name, session(plan, one)])),
    originations: [],
  };
}

/** By what a router leaves its rack. */
function gatewaysOf(
  racks: readonly RackPlan[],
  router: Addressed,
): Pick<Router, "gateway" | "gateway6"> {
  const rack =
    racks.find(({ cidr }) => listOf(cidr).some((range) => contains(range, router.address))) ?? {};
  const gateway = gatewayIn(rack, router, 4);
  const gateway6 = gatewayIn(rack, router, 6);
  return { gateway, ...(gateway6 === gateway ? {} : { gateway6 }) };
}

/** A router that is itself the gateway has ways of its own. */
function gatewayIn(rack: Parameters<typeof gatewayOf>[0], router: Addressed, family: Family) {
  const gateway = gatewayOf(rack, family);
  return gateway === undefined || gateway === addressOf(router, family) ? unknownGateway : gateway;
}

function sessionsOf(plan: Modelled, only: ReadonlySet<string>): SessionPlan[] {
  const inside = ({ id }: SessionEnd) => only.has(id) || isReflector(plan, id);
  return Object.values(plan.sessions).filter(({ a, b }) => inside(a) && inside(b));
}

/** What both ends are configured with, as the reflectors' files and the nodes' objects have it. */
function session(plan: Modelled, one: SessionPlan): Session {
  const { a, b } = one;
  const family = one.families.includes("ipv6-unicast") ? 6 : 4;
  return { family, a: side(plan, one, a, b), b: side(plan, one, b, a) };
}

function side(plan: Modelled, one: SessionPlan, own: SessionEnd, far: SessionEnd): SessionSide {
  const { id, address, role, ownRoutesOnly } = own;
  return {
    ...{ router: id, address, role },
    ...(isInternal(one) ? {} : { multihop: true }),
    ...(ownRoutesOnly === undefined ? {} : { ownRoutesOnly }),
    ...(isReflector(plan, id) ? reflectorSide(plan, one, own, far) : {}),
  };
}

function reflectorSide(
  plan: Modelled,
  one: SessionPlan,
  own: SessionEnd,
  far: SessionEnd,
): Partial<SessionSide> {
  const fence = fenceAt(plan, far);
  const external = !isInternal(one);
  const several = new Set(Object.values(plan.reflectors).map(({ asn }) => asn)).size > 1;
  const longestPath = fence?.longestPath ?? (external ? 1 : undefined);
  return {
    accepts: {
      prefixes: fence?.prefixes ?? [],
      ...(fence === undefined ? {} : { nextHops: [fence.address] }),
      ...(longestPath === undefined ? {} : { longestPath }),
      localPref: nodeLocalPref,
    },
    ...(own.sendPaths === undefined ? {} : { paths: own.sendPaths }),
    ...(own.nextHopSelf === true
      ? { nextHop: "segment" as const }
      : external
        ? { nextHop: "keep" as const }
        : {}),
    ...(own.replacePeerAs === true ? { replacePeerAs: own.replacePeerAs } : {}),
    ...(several && !isReflector(plan, far.id) ? { noAdvertise: true } : {}),
  };
}

/** By what the traits of a COE's nodes are known: its kind, and with another speaker than the kind's usual one that, too. */
export function nodeKind({ kind, speaker }: Pick<CoePlan, "kind" | "speaker">): string {
  return speaker === undefined ? kind : `${kind}/${speaker}`;
}

/** By id of the node, its own range in a family, or the first block of its COE, which stands for all that the node may take. */
export function firstBlocks(
  { coes }: Modelled,
  only: ReadonlySet<string>,
  family: Family,
): ReadonlyMap<string, string> {
  return new Map(
    Object.values(coes).flatMap((coe) => {
      if (inFamily(podRanges(coe), family).length === 0) return [];
      return Object.values(coe.nodes)
        .filter(({ id }) => only.has(id))
        .map((node): [string, string] => [node.id, blockOf(coe, node, family)]);
    }),
  );
}
