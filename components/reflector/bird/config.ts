import type { Plan, ReflectorPlan, SessionPlan } from "../../../plan/types";
import { passwordMark } from "../passwords";
import type { PrefixPattern } from "./prefixes";

/** What bird.conf says, as data. */
export interface BirdConfig {
  readonly routerId: string;
  readonly address: string;
  readonly asn: number;
  /** Absent where it is 179. */
  readonly port?: number;
  readonly neighbors: readonly BirdNeighbor[];
}

export interface BirdNeighbor {
  readonly address: string;
  readonly asn: number;
  readonly description: string;
  /** Absent where the neighbour is no client of the reflector. */
  readonly clusterId?: string;
  /** Whether its own AS is replaced in what it is sent. Absent: it is not. */
  readonly replacePeerAs?: true;
  /** Whether it is told to pass on nothing of what it learns. Absent: it is not. */
  readonly noAdvertise?: true;
  /** Its password, or the mark of it; absent where it has none. */
  readonly password?: string;
  readonly accepts: readonly PrefixPattern[];
}

/** The configuration of one reflector, from its sessions and fences in the plan. */
export function birdConfig(plan: Plan, reflector: ReflectorPlan): BirdConfig {
  const sessions = Object.values(plan.sessions).filter(
    (session) => session.reflector.id === reflector.name,
  );
  const severalAsns = new Set(Object.values(plan.reflectors).map(({ asn }) => asn)).size > 1;
  return {
    routerId: reflector.address,
    address: reflector.address,
    asn: reflector.asn,
    ...(reflector.port === undefined ? {} : { port: reflector.port }),
    neighbors: sessions.map((session) => neighbor(plan, reflector, session, severalAsns)),
  };
}

function neighbor(
  plan: Plan,
  reflector: ReflectorPlan,
  { node, client, replacePeerAs, password }: SessionPlan,
  severalAsns: boolean,
): BirdNeighbor {
  return {
    address: node.address,
    asn: node.asn,
    description: node.id,
    ...(client ? { clusterId: reflector.clusterId } : {}),
    ...(replacePeerAs === undefined ? {} : { replacePeerAs }),
    // A node would pass on to a reflector in one AS what it has learned from a reflector in another, as its own.
    ...(severalAsns ? { noAdvertise: true } : {}),
    ...(password === undefined ? {} : { password: passwordMark(password) }),
    accepts: plan.fences[node.id]?.prefixes.map(patternOf) ?? [],
  };
}

function patternOf(prefix: { cidr: string; minLength: number; maxLength: number }): PrefixPattern {
  return { prefix: prefix.cidr, min: prefix.minLength, max: prefix.maxLength };
}
