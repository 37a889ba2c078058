import { fenceAt } from "../../../plan/families";
import { type Ends, endsAt, isReflector, nodeTimers } from "../../../plan/sessions";
import type { FencePrefix, NodePlan, Plan } from "../../../plan/types";
import {
  contains,
  type Family,
  familyOf,
  hostPrefix,
  type PrefixPattern,
  prefix,
  widthOf,
} from "../../../util/net";
import { inFamily, nodeNetworks } from "../../../util/ranges";
import { type NodeSession, speakerNode } from "../node";
import { receivedOf } from "../received";

/** What the FRR of one node is configured from, as data. */
export interface FrrNode {
  readonly routerId: string;
  readonly asn: number;
  /** What it announces: the ranges of its own containers, one of each family. */
  readonly ranges: readonly string[];
  /** Its own addresses, at which it takes sessions. */
  readonly addresses: readonly string[];
  readonly sessions: readonly FrrSession[];
}

/** A session of a node. */
export interface FrrSession extends NodeSession {
  /** Seconds. */
  readonly timers: { readonly hold: number; readonly keepalive: number };
  /** Whether the far end, in another AS, is more than one hop away. Absent: it is not. */
  readonly multihop?: true;
  /** The next hops that are taken: addresses of nodes, or the far end's own alone. */
  readonly nextHops: readonly PrefixPattern[];
}

/** Takes out of the plan what the FRR of one node is configured from. */
export function frrNode(plan: Plan, node: NodePlan): FrrNode {
  const { routerId, ranges, sessions } = speakerNode(plan, node);
  const ends = endsAt(plan.sessions, node.id);
  return {
    routerId,
    asn: node.asn,
    ranges,
    addresses: [...new Set(ends.map(({ own }) => own.address))].sort(),
    sessions: sessions.flatMap((session, index) => {
      const own = ends[index];
      return own === undefined ? [] : [sessionOf(plan, session, own)];
    }),
  };
}

function sessionOf(plan: Plan, session: NodeSession, { own, far }: Ends): FrrSession {
  const family = familyOf(far.address) ?? 4;
  return {
    ...session,
    timers: nodeTimers({ own, far }),
    ...(own.multihop === undefined || own.asn === far.asn ? {} : { multihop: own.multihop }),
    // A node passes on nothing of others.
    ...(isReflector(plan, far.id)
      ? {
          accepts: receivedIn(plan, family),
          nextHops: hopsOf(plan, far.address, family),
        }
      : {
          accepts: (fenceAt(plan, far)?.prefixes ?? []).map(patternOf),
          nextHops: [exactly(hostPrefix(far.address))],
        }),
  };
}

const received = new WeakMap<Plan, Map<Family, readonly PrefixPattern[]>>();

/** The same for all nodes, so it is looked for once. */
function receivedIn(plan: Plan, family: Family): readonly PrefixPattern[] {
  const known = received.get(plan) ?? new Map<Family, readonly PrefixPattern[]>();
  const found = known.get(family) ?? receivedOf(plan, undefined, family).map(patternOf);
  received.set(plan, known.set(family, found));
  return found;
}

function patternOf({ cidr, minLength, maxLength }: FencePrefix): PrefixPattern {
  return { prefix: cidr, min: minLength, max: maxLength };
}

/** Those of nodes, and the reflector itself where it is on none of their networks. */
function hopsOf(plan: Plan, address: string, family: Family): readonly PrefixPattern[] {
  const networks = inFamily(nodeNetworks(plan), family);
  const within = networks.some((range) => contains(range, address));
  return [
    ...networks.map((range) => ({
      prefix: range,
      min: prefix(range).length,
      max: widthOf[family],
    })),
    ...(within ? [] : [exactly(hostPrefix(address))]),
  ];
}

function exactly(range: string): PrefixPattern {
  const { length } = prefix(range);
  return { prefix: range, min: length, max: length };
}
