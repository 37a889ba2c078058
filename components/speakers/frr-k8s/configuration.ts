import { announcedPrefixes } from "../../../plan/services";
import { type Ends, endsAt, isInternal, nodeTimers } from "../../../plan/sessions";
import type { CoePlan, NodePlan, Plan } from "../../../plan/types";
import { type Family, familyOf } from "../../../util/net";
import { inFamily, listOf } from "../../../util/ranges";
import { keepsRoutes, profileName, profilesOf } from "../frr/bfd";
import { configurationName, frrGroup, ourLabels, secretName } from "./names";
import { receivable } from "./receive";
import type { FRRConfiguration, FrrNeighbor, FrrSelector } from "./types";

/**
 * Seconds until the next attempt. Nodes do not listen, so that nobody else brings a session back that was lost, and FRR
 * waits for two minutes otherwise.
 */
const connectSeconds = 5;

export interface FrrOptions {
  /** Namespace of FRR-K8s. It looks into no other one. */
  readonly namespace: string;
  /** Whether the nodes learn the routes to each other, too. */
  readonly ownRoutes: boolean;
}

/** One object for each node: each advertises a range of its own. */
export function nodeConfigurations(
  plan: Plan,
  coe: CoePlan,
  options: FrrOptions,
): readonly FRRConfiguration[] {
  const received = receivers(plan, coe, options);
  return speakersOf(coe).map((node) => {
    const own = [...listOf(node.podCidr), ...announcedPrefixes(coe)];
    const router = {
      asn: node.asn,
      neighbors: endsAt(plan.sessions, node.id).map((ends) => {
        const family = familyOf(ends.own.address) ?? 4;
        return {
          ...neighbour(plan, ends, options),
          sourceaddress: ends.own.address,
          toAdvertise: { allowed: { mode: "filtered" as const, prefixes: inFamily(own, family) } },
          toReceive: { allowed: { mode: "filtered" as const, prefixes: received(family) } },
        };
      }),
      prefixes: own,
    };
    return configuration(plan, options, router, node, node.name);
  });
}

/**
 * What somebody else fills in with the ranges of the nodes: one object for all, or one for each node where their sessions
 * differ.
 */
export function templates(
  plan: Plan,
  coe: CoePlan,
  options: FrrOptions,
): readonly FRRConfiguration[] {
  const received = receivers(plan, coe, options);
  const all = speakersOf(coe).map((node) => ({
    node,
    router: {
      asn: node.asn,
      neighbors: endsAt(plan.sessions, node.id).map((ends) => ({
        ...neighbour(plan, ends, options),
        toReceive: {
          allowed: {
            mode: "filtered" as const,
            prefixes: received(familyOf(ends.own.address) ?? 4),
          },
        },
      })),
    },
  }));
  const alike = new Set(all.map(({ router }) => JSON.stringify(router))).size < 2;
  return alike
    ? all.slice(0, 1).map(({ node, router }) => configuration(plan, options, router, node))
    : all.map(({ node, router }) => configuration(plan, options, router, node, node.name));
}

function speakersOf({ nodes }: CoePlan): NodePlan[] {
  return Object.values(nodes).filter(({ speaker }) => speaker);
}

/** The same for all nodes of a COE, so each family is looked for once. */
function receivers(plan: Plan, { name }: CoePlan, { ownRoutes }: FrrOptions) {
  const known = new Map<Family, readonly FrrSelector[]>();
  return (family: Family): readonly FrrSelector[] => {
    const found = known.get(family) ?? receivable(plan, name, family, ownRoutes);
    known.set(family, found);
    return found;
  };
}

type Session = Omit<FrrNeighbor, "toAdvertise" | "toReceive" | "sourceaddress">;

function neighbour(
  { reflectors }: Plan,
  { session, own, far }: Ends,
  { namespace }: FrrOptions,
): Session {
  const { hold, keepalive } = nodeTimers({ own, far });
  const { password, bfd } = session;
  const reflector = Object.keys(reflectors).length > 1 ? far.id : undefined;
  return {
    address: far.address,
    asn: far.asn,
    ...(far.port === undefined ? {} : { port: far.port }),
    disableMP: true,
    ...(own.multihop === undefined || isInternal(session) ? {} : { ebgpMultiHop: true }),
    ...(password === undefined
      ? {}
      : { passwordSecret: { name: secretName(password, reflector), namespace } }),
    holdTime: `${hold}s`,
    keepaliveTime: `${keepalive}s`,
    connectTime: `${connectSeconds}s`,
    enableGracefulRestart: true,
    ...(bfd === undefined ? {} : { bfdProfile: profileName(bfd) }),
  };
}

/** @param of whose sessions these are @param node the one that the object is for. Absent: all */
function configuration(
  plan: Plan,
  { namespace }: FrrOptions,
  router: FRRConfiguration["spec"]["bgp"]["routers"][number],
  of: NodePlan,
  node?: string,
): FRRConfiguration {
  const watched = endsAt(plan.sessions, of.id).filter(({ session }) => session.bfd !== undefined);
  const profiles = profilesOf(watched.map(({ session }) => session)).map(
    ({ name, times: { interval, multiplier } }) => ({
      name,
      receiveInterval: interval,
      transmitInterval: interval,
      detectMultiplier: multiplier,
    }),
  );
  return {
    apiVersion: `${frrGroup}/v1beta1`,
    kind: "FRRConfiguration",
    metadata: { name: configurationName(node), namespace, labels: ourLabels },
    spec: {
      bgp: { ...(profiles.length === 0 ? {} : { bfdProfiles: profiles }), routers: [router] },
      ...(watched.length === 0 ? {} : { raw: { rawConfig: rawLines(router.asn, watched) } }),
      ...(node === undefined
        ? {}
        : { nodeSelector: { matchLabels: { "kubernetes.io/hostname": node } } }),
    },
  };
}

/** No field of an FRRConfiguration says this; without it a reflector that is restarted would take all routes from its nodes. */
function rawLines(asn: number, watched: readonly Ends[]): string {
  return [
    `router bgp ${asn}`,
    ...watched.map(({ far }) => ` neighbor ${far.address} ${keepsRoutes}`),
    "exit",
  ].join("\n");
}
