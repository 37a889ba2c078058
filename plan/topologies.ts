import { bfdMissing, kindOf, makesMesh, type ReflectorKind } from "../config/kind";
import type { Config, TopologyName } from "../config/types";
import type { Family } from "../util/net";
import { watched } from "./bfd";
import type { PlannedKinds } from "./kind";
import { meshSessions } from "./mesh";
import { isInternal, sessionOf, timersOf } from "./sessions";
import { serves } from "./tor";
import { guarded } from "./ttl-security";
import type { CoePlan, NodePlan, Plan, SessionPlan } from "./types";

export type RouterKinds = Readonly<
  Record<string, Pick<ReflectorKind, "plan" | "noBfd" | "keepalive">>
>;

/** What the sessions of nodes follow from. */
export interface Speaking {
  readonly config: Config;
  readonly kinds: PlannedKinds;
  readonly routers: RouterKinds;
  readonly coes: Plan["coes"];
  /** In the order of their names. */
  readonly reflectors: Plan["reflectors"];
  /** The nodes that speak BGP, once for each family that they have containers of. */
  readonly speakers: readonly {
    readonly coe: CoePlan;
    readonly node: NodePlan;
    readonly family: Family;
  }[];
}

/** By topology: the sessions that nodes have. Those of routers with each other are the same in each. */
const sessionsIn = {
  reflectors: withReflectors,
  mesh: withEachOther,
} satisfies Record<TopologyName, (from: Speaking) => SessionPlan[]>;

/** The sessions of all nodes. */
export function nodeSessions(from: Speaking): SessionPlan[] {
  return sessionsIn[topologyOf(from.config)](from);
}

/** What the plan says of it, which is nothing where it is the usual one. */
export function topologyPart(config: Config): Pick<Plan, "topology"> {
  const topology = topologyOf(config);
  return topology === "reflectors" ? {} : { topology };
}

function topologyOf({ network }: Config): TopologyName {
  return network.topology ?? "reflectors";
}

function withReflectors(from: Speaking): SessionPlan[] {
  const { config, routers, reflectors, speakers } = from;
  const { network } = config;
  return Object.values(reflectors).flatMap((reflector) =>
    speakers
      .filter(({ node }) => serves(reflector, node))
      .flatMap(({ coe, node, family }) => {
        const { noBfd, keepalive } = kindOf(routers, reflector.kind) ?? {};
        const made = sessionOf(reflector, node, family, {
          password: passwordOf(config, coe),
          timers: timersOf(network.holdTime, keepalive),
        });
        if (made === undefined) return [];
        const session = guarded(network, coe, made);
        return [watched(network, session, [noBfd, bfdAt(from, coe, session)])];
      }),
  );
}

function withEachOther(from: Speaking): SessionPlan[] {
  const { config, kinds, coes, speakers } = from;
  const { network } = config;
  return meshSessions(
    speakers.map(({ coe, node, family }) => ({
      ...{ coe: coe.name, node, family },
      makesMesh: makesMesh(kindOf(kinds, coe.kind), coe),
    })),
  ).map((one) => {
    // Calico's own mesh has no such setting, and neither has Calico 2, whichever end it is.
    if (one.ownMesh === true) return one;
    const session = guarded(network, oldest(coes), one);
    const without = [one.a, one.b].map(({ id }) =>
      bfdAt(from, coes[id.split("/")[0] ?? ""], session),
    );
    return watched(network, session, without);
  });
}

function bfdAt(
  { kinds }: Speaking,
  coe: Pick<CoePlan, "kind" | "speaker"> | undefined,
  one: SessionPlan,
): string | undefined {
  const guardedOutside = one.ttlSecurity === true && !isInternal(one);
  return bfdMissing(kindOf(kinds, coe?.kind), coe ?? {}, guardedOutside);
}

/** All sessions of a COE have one password. */
function passwordOf({ bgpPasswords = [] }: Config, { name }: CoePlan): string | undefined {
  return bgpPasswords.includes(name) ? name : undefined;
}

/** The COE with the oldest Calico. */
function oldest(coes: Plan["coes"]): Pick<CoePlan, "calicoApi"> {
  return Object.values(coes).find(({ calicoApi }) => calicoApi === "v1") ?? {};
}
