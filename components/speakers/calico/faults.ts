import { isDeepStrictEqual } from "node:util";
import type { CoePlan } from "../../../plan/types";
import { contains, familyOf, isPrefix, parsePrefix } from "../../../util/net";
import { listOf, podRanges } from "../../../util/ranges";
import type { ObjectFault, ObjectGroup } from "../../ask/types";
import { acceptedFilter, ownRoutesFilter } from "./filters";
import type { Finding } from "./inspect/finding";
import { type DatastoreState, type PolicyState, type PoolState, setByWhom } from "./inspect/state";
import { calicoObjects, inOrder } from "./objects";
import { filtersOf, nearest, peerIP, peerName } from "./peers";
import { isAdopted } from "./pools";
import { fateOf } from "./precedence";
import type { CalicoObject, CalicoPlan, IPPool } from "./types";

/** What was read of a COE that has joined. */
export interface JoinedState {
  readonly coe: CoePlan;
  readonly plan: CalicoPlan;
  readonly state: DatastoreState;
  /** In what it differs from the plan, as the inspection before joining sees it. */
  readonly findings: readonly Finding[];
  /** How the plan's objects are written again. */
  readonly putBack: string;
  /** An object of the plan as the datastore has it, by the datastore's own name. Default: as it is. */
  readonly stored?: (object: CalicoObject) => {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec: Readonly<Record<string, unknown>>;
  };
}

/**
 * In what the Calico of a COE differs from the plan once it has joined. What would stand in the way of joining, or would be
 * changed by it, is a fault now; and so is what an inspection leaves alone, or has no reason to look for.
 */
export function objectFaults(joined: JoinedState): ObjectFault[] {
  const { findings, plan } = joined;
  const own = Object.values(plan.reflectors).map((reflector) => `peer/${peerName(reflector)}`);
  return [
    ...findings
      .filter(({ id, level }) => level !== "notes" && !own.includes(id) && !comparedWhole.test(id))
      .map((finding) => faultOf(finding, joined.putBack, plan.topology === "mesh")),
    ...poolFaults(joined),
    ...serviceFaults(joined),
    ...peerFaults(joined),
    ...policyFaults(joined),
    ...beforeFaults(joined),
  ];
}

/** What is compared here field by field, whoever has made it. */
const comparedWhole = /^((GlobalNetworkPolicy|GlobalNetworkSet|Tier)\/|pool\/[^/]+\/spec$)/;

const groups: readonly (readonly [of: RegExp, group: ObjectGroup])[] = [
  [/^pools?(\/|$)/, "pools"],
  [/^bgp\//, "bgp"],
  [/^peer\//, "peers"],
  [/^policy(\/|$)/, "policies"],
  [/^nodes?\//, "nodes"],
];

/** A finding says what was found and what the plan has in one sentence, and what joining would do about it. */
function faultOf(
  { id, level, found: text, effect, advice }: Finding,
  putBack: string,
  mesh: boolean,
): ObjectFault {
  const known = mesh ? meshEffects : effects;
  const group = groups.find(([of]) => of.test(id))?.[1] ?? "agents";
  const [found = "", planned] = text.split("; the plan ");
  const remedy = level === "changes" ? [putBack, advice].filter(Boolean).join("; ") : advice;
  return {
    ...{ group, object: id, found },
    expected: planned === undefined ? "as the plan has it" : `the plan ${planned}`,
    effect: known[id] ?? effect,
    remedy: remedy ?? putBack,
  };
}

/** What a difference does after joining, where the inspection tells what becomes of it by joining. */
const effects: Readonly<Record<string, string>> = {
  "bgp/mesh": "nodes take routes from each other, past what the reflectors accept",
};

/** In a mesh there are no reflectors. */
const meshEffects: Readonly<Record<string, string>> = {
  "bgp/mesh": "nodes of the COE have other sessions with each other than the plan's, or none",
};

/** Pools that are missing, and pools beside those of the plan from which containers get addresses. */
function poolFaults({ coe, plan, state, putBack }: JoinedState): ObjectFault[] {
  const { pools, ranges } = calicoObjects(plan);
  const planned = [...Object.values(pools), ...Object.values(ranges)];
  const missing = planned.filter(({ spec }) => !state.pools.some(({ cidr }) => cidr === spec.cidr));
  const stray = state.pools.filter(
    (pool) => isStray(coe, pool) && !planned.some(({ spec }) => spec.cidr === pool.cidr),
  );
  return [
    ...missing.map(({ metadata, spec }): ObjectFault => {
      const own = podRanges(coe).includes(spec.cidr);
      return {
        group: "pools",
        object: `pool ${metadata.name}`,
        found: `no pool of ${spec.cidr}`,
        expected: `pool ${metadata.name} of ${spec.cidr}`,
        effect: own
          ? "containers get no address of the plan, and nodes announce none of its blocks"
          : "what goes to this range takes the node's address, or is not announced",
        remedy: putBack,
      };
    }),
    ...planned.flatMap((pool) => {
      const found = state.pools.find(({ cidr }) => cidr === pool.spec.cidr);
      return found === undefined ? [] : fieldFaults(plan, pool, found, putBack);
    }),
    ...stray.map((pool): ObjectFault => {
      const used = state.blocks.filter(({ cidr }) => contains(pool.cidr, cidr)).length;
      return {
        group: "pools",
        object: `pool ${pool.name}`,
        found: `${pool.cidr}, enabled, with ${used} blocks in use`,
        expected: `no other pool for containers than ${podRanges(coe).join(", ")}`,
        effect:
          "containers get addresses of it, which no reflector passes on: other COEs do not reach them",
        remedy: `disable it (disabled: true) and restart its workloads, or add ${pool.cidr} to coes.${coe.name}.podCidr`,
      };
    }),
  ];
}

/** The fields of a pool that decide what becomes of packets, and who gets addresses of it. */
function fieldFaults(
  plan: CalicoPlan,
  { metadata: { name }, spec }: IPPool,
  found: PoolState,
  putBack: string,
): ObjectFault[] {
  // An adopted pool keeps the nodes it is for, and may be closed.
  const adopted = isAdopted(plan, spec.cidr);
  const asked = {
    natOutgoing: spec.natOutgoing,
    ipipMode: spec.ipipMode,
    vxlanMode: spec.vxlanMode,
    ...(adopted && spec.disabled !== true ? {} : { disabled: spec.disabled === true }),
    ...(adopted || spec.nodeSelector === undefined ? {} : { nodeSelector: spec.nodeSelector }),
  };
  return (["natOutgoing", "ipipMode", "vxlanMode", "disabled", "nodeSelector"] as const)
    .filter((field) => asked[field] !== undefined && asked[field] !== found[field])
    .map((field) => ({
      group: "pools" as const,
      object: `pool ${name}`,
      found: `${field} ${found[field]}${setByWhom(found.setBy)}`,
      expected: `${field} ${asked[field]}`,
      effect: poolEffects[field],
      remedy: putBack,
    }));
}

const poolEffects = {
  disabled: "new containers get no address of it, or get one that they should not",
  ipipMode: "packets between nodes go into a tunnel, or no more",
  natOutgoing:
    "other COEs see the node's address in place of the container's, or the other way round",
  nodeSelector: "on other nodes containers get addresses of other pools, or none",
  vxlanMode: "packets between nodes go into a tunnel, or no more",
} as const;

/** A pool of which containers get addresses, in a family that is planned. */
function isStray(coe: CoePlan, { cidr, disabled, allowedUses }: PoolState): boolean {
  if (disabled || !allowedUses.includes("Workload") || !isPrefix(parsePrefix(cidr))) return false;
  return podRanges(coe).some((range) => familyOf(range) === familyOf(cidr));
}

/** Ranges of services that nodes are not told to announce; an inspection leaves an empty list alone. */
function serviceFaults({ plan: { announced }, state, putBack }: JoinedState): ObjectFault[] {
  return (["clusterIPs", "externalIPs", "loadBalancerIPs"] as const).flatMap((which) => {
    const there = state.bgp.services[which];
    return listOf(announced[which])
      .filter((planned) => !there.includes(planned))
      .map((planned) => ({
        group: "bgp" as const,
        object: "BGPConfiguration default",
        found: `${which} ${there.join(", ") || "none"}`,
        expected: `${which} with ${planned}`,
        effect: "no node announces these services",
        remedy: putBack,
      }));
  });
}

/** Peers of the plan that are missing or say something else, whoever has made them. */
function peerFaults({ plan, state, putBack }: JoinedState): ObjectFault[] {
  return Object.entries(plan.reflectors).flatMap(([far, planned]) => {
    const noSessionWith = `no session with ${plan.topology === undefined ? "reflector " : ""}${far}`;
    const name = peerName(planned);
    const found = state.peers.find((peer) => peer.name === name);
    const expected = `${peerIP(planned)} in AS ${planned.asn}`;
    const fault = (what: string, effect: string): ObjectFault => ({
      ...{ group: "peers", object: `BGPPeer ${name}`, found: what, expected, effect },
      remedy: putBack,
    });
    if (found === undefined) return [fault("no such peer", noSessionWith)];
    const { port, node, password, filters, ttlSecurity, ...others } = found.others;
    const hops = planned.ttlSecurity === undefined ? undefined : nearest;
    const is = `${found.peer}${port === undefined ? "" : ` port ${String(port)}`} in AS ${found.asn}`;
    const same =
      found.peer === planned.address && found.asn === planned.asn && port === planned.port;
    const secret = planned.password === undefined ? password === undefined : password !== undefined;
    return [
      ...(same ? [] : [fault(is, noSessionWith)]),
      ...(node === planned.node
        ? []
        : [fault(`node ${String(node ?? "any")}`, "other nodes have the session")]),
      ...(secret ? [] : [fault(`${password === undefined ? "no" : "a"} password`, noSession)]),
      ...filterFaults(filters, filtersOf(planned)).map((one) => ({ ...fault("", ""), ...one })),
      ...(ttlSecurity === hops
        ? []
        : [fault(`ttlSecurity ${String(ttlSecurity ?? "none")}`, effectOfTtlSecurity)]),
      ...Object.entries(others).map(([field, value]) =>
        fault(`${field} ${JSON.stringify(value)}`, otherEffects[field] ?? "its sessions differ"),
      ),
    ];
  });
}

/** What a peer says of its filters, in their order, against the plan. One that no peer names is there for nothing. */
function filterFaults(
  said: unknown,
  planned: readonly string[],
): Pick<ObjectFault, "found" | "expected" | "effect" | "filters">[] {
  const found: readonly unknown[] = Array.isArray(said) ? said : [];
  if (isDeepStrictEqual(found, planned)) return [];
  const words = (names: readonly unknown[]) => `filters ${names.map(String).join(", ") || "none"}`;
  const idle = planned.filter((name) => !found.includes(name));
  const effects = [
    ...idle.map((name) => `BGPFilter ${name} is not in force: ${idleEffects[name] ?? ""}`),
    ...(found.every((name) => planned.some((one) => one === name))
      ? []
      : ["filters of others decide which routes are sent and taken"]),
  ];
  const order = "they are asked in another order";
  const filters = idle.includes(acceptedFilter) ? "idle" : "others";
  const effect = effects.join("; ") || order;
  return [{ found: words(found), expected: words(planned), effect, filters }];
}

/** What nodes do without one of the plan's filters. */
const idleEffects: Readonly<Record<string, string>> = {
  [acceptedFilter]: "nodes take whatever this session sends them",
  [ownRoutesFilter]: "nodes pass on to this peer what they have learned from others",
};

const noSession = "the kernel of one end drops what the other sends";

const effectOfTtlSecurity =
  "packets of an end whose other end has TTL security are dropped unless it has it, too";

/** What fields do that the plan does not set. */
const otherEffects: Readonly<Record<string, string>> = {
  keepOriginalNextHop: "routes keep next hops that the reflector refuses",
  nodeSelector: "only some nodes have the session",
  sourceAddress: "the session may come from an address that the reflector does not know",
};

/** Filters, policies, sets and tiers of the plan that are missing or say something else. */
function policyFaults({ plan, state, stored = asItIs, putBack }: JoinedState): ObjectFault[] {
  const kept = new Set(state.taken.map(({ kind }) => kind));
  // A datastore whose objects of a kind were not read cannot miss one.
  const asked = inOrder(calicoObjects(plan)).filter(({ kind }) => kept.has(kind) || required(kind));
  return asked.map(stored).flatMap(({ kind, metadata: { name }, spec }): ObjectFault[] => {
    if (!["BGPFilter", "GlobalNetworkPolicy", "GlobalNetworkSet", "Tier"].includes(kind)) return [];
    const there = state.taken.find((one) => one.kind === kind && sameName(one.name, name));
    const of =
      kind === "BGPFilter"
        ? ({ group: "peers", filters: "others" } as const)
        : ({ group: "policies" } as const);
    const base = { ...of, object: `${kind} ${name}`, remedy: putBack };
    if (there === undefined) {
      // It is read with all policies where it is not one of those that are told apart.
      if (state.policies.some((one) => one.kind === kind && sameName(one.name, name))) return [];
      return [
        {
          ...base,
          found: "it is not there",
          expected: "there, as the plan has it",
          effect: effectOf(kind),
        },
      ];
    }
    const wrong = Object.entries(spec).filter(
      ([field, value]) => !isDeepStrictEqual(bare(value), bare(there.spec[field])),
    );
    return wrong.map(([field, value]) => ({
      ...base,
      found: `${field} ${JSON.stringify(bare(there.spec[field])) ?? "missing"}`,
      expected: `${field} ${JSON.stringify(value)}`,
      effect: effectOf(kind),
    }));
  });
}

function effectOf(kind: string): string {
  return kind === "BGPFilter"
    ? "nodes take other routes than the plan says"
    : "who is let in is not what the plan says";
}

function required(kind: string): boolean {
  return kind === "BGPFilter" || kind === "GlobalNetworkPolicy";
}

function asItIs({ kind, metadata, spec }: CalicoObject) {
  return { kind, metadata, spec: { ...spec } };
}

/** A policy of the tier `default` may have that in its name. */
function sameName(one: string, other: string): boolean {
  const short = (name: string) => name.replace(/^default\./, "");
  return short(one) === short(other);
}

/** Without what Calico fills in of nothing: `source: {}`. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]): [string, unknown][] => {
      const less = bare(one);
      const empty =
        less === null ||
        (typeof less === "object" && !Array.isArray(less) && Object.keys(less).length === 0);
      return empty ? [] : [[name, less]];
    }),
  );
}

/** Policies of others that come before the plan's, and deny. */
function beforeFaults({ plan, state }: JoinedState): ObjectFault[] {
  const own = inOrder(calicoObjects(plan))
    .filter(({ kind }) => kind === "GlobalNetworkPolicy")
    .map(({ metadata }) => metadata.name);
  return state.policies
    .filter((policy) => deniesBefore(policy, state))
    .filter(({ name }) => !own.some((one) => sameName(one, name)))
    .map(({ kind, name, tier, order }) => ({
      group: "policies" as const,
      object: `${kind} ${name}`,
      found: `it denies, and comes before the plan's policies (tier ${tier}${order === undefined ? "" : `, order ${order}`})`,
      expected: "no policy before those of the plan that denies",
      effect: "what it selects is dropped, whatever the plan lets in",
      remedy: `remove it, or give it an order behind the plan's; if it is meant, name it in policyOverrides or keep it to what no other COE uses`,
    }));
}

function deniesBefore(policy: PolicyState, { tiers }: DatastoreState): boolean {
  if (policy.staged || !policy.denies || policy.allowsAll === true) return false;
  return fateOf(policy, tiers) !== "lost";
}
