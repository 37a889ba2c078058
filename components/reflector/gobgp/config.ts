import { nodeLocalPref } from "../../../plan/acceptance";
import { addressesOf, fenceAt, fenceName, routerIdOf } from "../../../plan/families";
import { type Ends, endsAt, isInternal } from "../../../plan/sessions";
import type { AddressFamily, FencePlan, Plan, ReflectorPlan } from "../../../plan/types";
import { hostPrefix } from "../../../util/net";
import { passwordMark } from "../passwords";

/**
 * gobgpd's configuration as data, with GoBGP's own names ("Configuration example" of its documentation); only what we
 * write is typed.
 */
export interface GobgpConfig {
  readonly global: {
    readonly config: {
      readonly as: number;
      readonly "router-id": string;
      readonly port?: number;
      readonly "local-address-list": readonly string[];
    };
    readonly "apply-policy": {
      readonly config: {
        readonly "default-import-policy": "reject-route";
        readonly "default-export-policy": "accept-route";
        readonly "import-policy-list": readonly string[];
        readonly "export-policy-list": readonly string[];
      };
    };
  };
  readonly "defined-sets": {
    readonly "neighbor-sets": readonly NeighborSet[];
    readonly "prefix-sets": readonly PrefixSet[];
  };
  readonly "policy-definitions": readonly {
    readonly name: string;
    readonly statements: readonly (Statement | KeepNextHop | GoNoFarther)[];
  }[];
  readonly neighbors: readonly Neighbor[];
}

interface NeighborSet {
  readonly "neighbor-set-name": string;
  readonly "neighbor-info-list": readonly string[];
}

interface PrefixSet {
  readonly "prefix-set-name": string;
  readonly "prefix-list": readonly {
    readonly "ip-prefix": string;
    readonly "masklength-range": string;
  }[];
}

interface Statement {
  readonly name: string;
  readonly conditions: {
    readonly "match-neighbor-set": { readonly "neighbor-set": string };
    readonly "match-prefix-set": { readonly "prefix-set": string };
    readonly "bgp-conditions": {
      readonly "next-hop-in-list": readonly string[];
      readonly "as-path-length"?: { readonly operator: "le"; readonly value: number };
    };
  };
  readonly actions: {
    readonly "route-disposition": "accept-route";
    readonly "bgp-actions": {
      readonly "set-route-origin": "igp";
      readonly "set-local-pref": number;
      readonly "set-med": string;
      readonly "set-community": Cleared;
      readonly "set-ext-community": Cleared;
      readonly "set-large-community": Cleared;
    };
  };
}

/** Replaced by none. */
interface Cleared {
  readonly options: "replace";
}

/** In an export policy the neighbour is the one that is sent to. */
interface KeepNextHop {
  readonly name: string;
  readonly conditions: { readonly "match-neighbor-set": { readonly "neighbor-set": string } };
  readonly actions: { readonly "bgp-actions": { readonly "set-next-hop": "unchanged" } };
}

/** Without conditions it is about everything. */
interface GoNoFarther {
  readonly name: string;
  readonly actions: {
    readonly "bgp-actions": {
      readonly "set-community": {
        readonly options: "add";
        readonly "set-community-method": { readonly "communities-list": readonly string[] };
      };
    };
  };
}

export interface Neighbor {
  readonly config: {
    readonly "neighbor-address": string;
    readonly "peer-as": number;
    readonly description: string;
    /** RFC 2385. A mark in its place until a step knows the password; see {@link passwordMark}. */
    readonly "auth-password"?: string;
  };
  readonly timers?: {
    readonly config: { readonly "hold-time": number; readonly "keepalive-interval": number };
  };
  readonly transport: {
    readonly config: { readonly "local-address": string; readonly "passive-mode"?: true };
  };
  readonly "ebgp-multihop"?: {
    readonly config: { readonly enabled: true; readonly "multihop-ttl": number };
  };
  readonly "ttl-security"?: {
    readonly config: { readonly enabled: true; readonly "ttl-min": 255 };
  };
  readonly "as-path-options"?: { readonly config: { readonly "replace-peer-as": true } };
  readonly "route-reflector"?: {
    readonly config: {
      readonly "route-reflector-client": true;
      readonly "route-reflector-cluster-id": string;
    };
  };
  readonly "graceful-restart"?: {
    readonly config: {
      readonly enabled: true;
      readonly "restart-time": number;
      readonly "deferral-time": number;
    };
  };
  readonly "afi-safis": readonly {
    readonly config: { readonly "afi-safi-name": AddressFamily };
    readonly "mp-graceful-restart"?: { readonly config: { readonly enabled: true } };
    readonly "prefix-limit"?: { readonly config: { readonly "max-prefixes": number } };
    readonly "add-paths"?: { readonly config: { readonly "send-max": number } };
  }[];
}

/** Name of the policy that keeps every node to its own COE's range. */
const policyName = "fence";

/** Name of the policy that keeps the reflector out of the way of traffic; also of the set it is about. */
const nextHopName = "next-hop-unchanged";

/** Name of the policy that has nodes pass on nothing of what they learn. */
const noFartherName = "no-advertise";

/** The configuration of one reflector, from its sessions and fences in the plan. */
export function gobgpConfig(plan: Plan, reflector: ReflectorPlan): GobgpConfig {
  const sessions = endsAt(plan.sessions, reflector.name);
  const fences = sessions.flatMap(({ far }) => fenceAt(plan, far) ?? []);
  const statements = sessions.flatMap((ends) => {
    const fence = fenceAt(plan, ends.far);
    return fence === undefined ? [] : [statement(fence, ends)];
  });
  const external = sessions.filter(({ session }) => !isInternal(session));
  const severalAsns = new Set(Object.values(plan.reflectors).map(({ asn }) => asn)).size > 1;
  return {
    global: {
      config: {
        as: reflector.asn,
        "router-id": routerIdOf(reflector),
        ...(reflector.port === undefined ? {} : { port: reflector.port }),
        "local-address-list": addressesOf(reflector),
      },
      "apply-policy": {
        config: {
          "default-import-policy": "reject-route",
          "default-export-policy": "accept-route",
          "import-policy-list": fences.length === 0 ? [] : [policyName],
          "export-policy-list": [
            ...(external.length === 0 ? [] : [nextHopName]),
            ...(severalAsns ? [noFartherName] : []),
          ],
        },
      },
    },
    "defined-sets": {
      "neighbor-sets": [
        ...fences.map((fence) => neighborSet(fenceName(fence), [fence.address])),
        // An empty set would stand for everybody.
        ...(external.length === 0
          ? []
          : [
              neighborSet(
                nextHopName,
                external.map(({ far }) => far.address),
              ),
            ]),
      ],
      "prefix-sets": fences.map((fence) => ({
        "prefix-set-name": fenceName(fence),
        "prefix-list": fence.prefixes.map((prefix) => ({
          "ip-prefix": prefix.cidr,
          "masklength-range": `${prefix.minLength}..${prefix.maxLength}`,
        })),
      })),
    },
    "policy-definitions": [
      ...(fences.length === 0 ? [] : [{ name: policyName, statements }]),
      ...(external.length === 0 ? [] : [{ name: nextHopName, statements: [keepNextHop] }]),
      ...(severalAsns ? [{ name: noFartherName, statements: [goNoFarther] }] : []),
    ],
    neighbors: sessions.map((ends) => neighbor(plan, reflector, ends)),
  };
}

function neighborSet(name: string, addresses: readonly string[]): NeighborSet {
  return {
    "neighbor-set-name": name,
    "neighbor-info-list": addresses.map(hostPrefix),
  };
}

/**
 * To another AS a BGP speaker writes itself as the next hop, and would have to forward what comes (RFC 4271 5.1.3).
 * All nodes are on one network with the reflector, so they can go on sending to each other.
 */
const keepNextHop: KeepNextHop = {
  name: nextHopName,
  conditions: { "match-neighbor-set": { "neighbor-set": nextHopName } },
  actions: { "bgp-actions": { "set-next-hop": "unchanged" } },
};

/**
 * A node passes on to a reflector in one AS what it has learned from a reflector in another, with itself as the next
 * hop, and nothing in the path tells that from routes of its own. BIRD sends a path with NO_ADVERTISE (RFC 1997) to
 * nobody. Where all reflectors are in one AS, they find that in the path and refuse it.
 */
const goNoFarther: GoNoFarther = {
  name: noFartherName,
  actions: {
    "bgp-actions": {
      "set-community": {
        options: "add",
        "set-community-method": { "communities-list": ["no-advertise"] },
      },
    },
  },
};

const cleared: Cleared = { options: "replace" };

/** Accepted without the attributes by which a node could have its paths preferred; see {@link nodeResets}. */
export const acceptReset: Statement["actions"] = {
  "route-disposition": "accept-route",
  "bgp-actions": {
    "set-route-origin": "igp",
    "set-local-pref": nodeLocalPref,
    "set-med": "0",
    "set-community": cleared,
    "set-ext-community": cleared,
    "set-large-community": cleared,
  },
};

/**
 * What one node may announce. GoBGP knows import policies per neighbour for route servers only; for a reflector there
 * is one policy for all, whose statements name the neighbour they are about.
 *
 * The routes of a node in another AS have that AS and nothing else in their path; with more it passes on somebody
 * else's.
 */
function statement(fence: FencePlan, { session }: Ends): Statement {
  const name = fenceName(fence);
  return {
    name,
    conditions: {
      "match-neighbor-set": { "neighbor-set": name },
      "match-prefix-set": { "prefix-set": name },
      "bgp-conditions": {
        "next-hop-in-list": [fence.address],
        ...(isInternal(session) ? {} : { "as-path-length": { operator: "le", value: 1 } }),
      },
    },
    actions: acceptReset,
  };
}

/** Hops between segments are few, and another number of them would reset sessions. */
const farAway = { enabled: true, "multihop-ttl": 64 } as const;

function neighbor(plan: Plan, reflector: ReflectorPlan, { session, own, far }: Ends): Neighbor {
  const { timers, gracefulRestart, sendPaths } = own;
  const limit = fenceAt(plan, far)?.limit;
  return {
    config: {
      "neighbor-address": far.address,
      "peer-as": far.asn,
      description: far.id,
      ...(session.password === undefined
        ? {}
        : { "auth-password": passwordMark(session.password) }),
    },
    ...(timers === undefined
      ? {}
      : {
          timers: {
            config: { "hold-time": timers.hold, "keepalive-interval": timers.keepalive },
          },
        }),
    transport: {
      config: {
        "local-address": own.address,
        ...(reflector.passive === undefined ? {} : { "passive-mode": true }),
      },
    },
    ...(session.ttlSecurity === undefined
      ? {}
      : { "ttl-security": { config: { enabled: true, "ttl-min": 255 } } }),
    ...(own.role === "reflector"
      ? {
          "route-reflector": {
            config: {
              "route-reflector-client": true,
              "route-reflector-cluster-id": reflector.clusterId,
            },
          },
        }
      : {}),
    ...(own.multihop === true ? { "ebgp-multihop": { config: farAway } } : {}),
    ...(own.replacePeerAs === true
      ? { "as-path-options": { config: { "replace-peer-as": true } } }
      : {}),
    ...(gracefulRestart === undefined
      ? {}
      : {
          "graceful-restart": {
            config: {
              enabled: true,
              "restart-time": gracefulRestart.restart,
              "deferral-time": gracefulRestart.deferral,
            },
          },
        }),
    "afi-safis": session.families.map((family) => ({
      config: { "afi-safi-name": family },
      ...(gracefulRestart === undefined
        ? {}
        : { "mp-graceful-restart": { config: { enabled: true } } }),
      ...(limit === undefined ? {} : { "prefix-limit": { config: { "max-prefixes": limit } } }),
      ...(sendPaths === undefined ? {} : { "add-paths": { config: { "send-max": sendPaths } } }),
    })),
  };
}
