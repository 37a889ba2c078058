import { nodeRanges } from "../../plan/blocks";
import { routerIdOf } from "../../plan/families";
import { announcedPrefixes } from "../../plan/services";
import { type Ends, endsAt, isReflector } from "../../plan/sessions";
import type { BfdPlan, NodePlan, Plan } from "../../plan/types";
import { familyOf, type PrefixPattern, prefix, widthOf } from "../../util/net";
import { podRanges } from "../../util/ranges";
import { passwordMark } from "../reflector/passwords";

/** What the daemon of one node is configured from, as data. */
export interface SpeakerNode {
  readonly routerId: string;
  /** What it announces: the ranges of its own containers, one of each family. */
  readonly ranges: readonly string[];
  readonly sessions: readonly NodeSession[];
}

/** A session of a node. */
export interface NodeSession {
  /** Reflector name, or id of the other node. */
  readonly far: string;
  /** Of the far end. */
  readonly address: string;
  readonly asn: number;
  /** Absent where it is 179. */
  readonly port?: number;
  readonly local: string;
  readonly localAsn: number;
  /** The mark of its password; absent where it has none. */
  readonly password?: string;
  /** Whether it takes only packets that have passed no router (RFC 5082). Absent: it takes all. */
  readonly ttlSecurity?: true;
  /** How it watches the far end, and whether routes stay while that is away. Absent: it does not. */
  readonly bfd?: BfdPlan & { readonly graceful: boolean };
  readonly accepts: readonly PrefixPattern[];
}

/** Takes out of the plan what the daemon of one node is configured from. */
export function speakerNode(plan: Plan, node: NodePlan): SpeakerNode {
  const accepted = acceptedIn(plan);
  return {
    routerId: routerIdOf(node),
    ranges: nodeRanges(node),
    sessions: endsAt(plan.sessions, node.id).map((ends) => sessionOf(plan, accepted, ends)),
  };
}

function sessionOf(
  plan: Plan,
  accepted: readonly PrefixPattern[],
  { session, own, far }: Ends,
): NodeSession {
  return {
    far: far.id,
    address: far.address,
    asn: far.asn,
    ...(far.port === undefined ? {} : { port: far.port }),
    local: own.address,
    localAsn: own.asn,
    ...(session.password === undefined ? {} : { password: passwordMark(session.password) }),
    ...(session.ttlSecurity === undefined ? {} : { ttlSecurity: session.ttlSecurity }),
    ...(session.bfd === undefined
      ? {}
      : { bfd: { ...session.bfd, graceful: isReflector(plan, far.id) } }),
    accepts: accepted.filter((one) => prefix(one.prefix).family === familyOf(far.address)),
  };
}

/**
 * What is taken of anybody: what the plan says that nodes accept, or else all in the ranges of the plan. A host has routes of
 * its own, and no default route, and no route to a network of nodes, is to come by BGP.
 */
function acceptedIn({ nodeAcceptance, coes }: Plan): PrefixPattern[] {
  if (nodeAcceptance !== undefined)
    return nodeAcceptance.map(({ cidr, minLength, maxLength }) => ({
      prefix: cidr,
      min: minLength,
      max: maxLength,
    }));
  const ranges = Object.values(coes).flatMap((coe) => [
    ...podRanges(coe),
    ...announcedPrefixes(coe),
  ]);
  return [...new Set(ranges)].sort().map((range) => {
    const { family, length } = prefix(range);
    return { prefix: range, min: length, max: widthOf[family] };
  });
}
