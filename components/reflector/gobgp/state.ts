import { z } from "zod";
import {
  type Accepted,
  type Asker,
  fenceLine,
  type NeighbourState,
  type RouterState,
  resetText,
} from "../contract";
import { digestOf } from "../passwords";

/** What stands in the list when the policy lets in whatever no statement is about. */
export const acceptsTheRest = "from anywhere: everything else";

const count = z.number().default(0);

const neighborList = z
  .array(
    z.object({
      conf: z.object({
        neighbor_address: z.string(),
        peer_asn: count,
        replace_peer_asn: z.boolean().default(false),
        auth_password: z.string().default(""),
      }),
      state: z.object({ peer_asn: count, session_state: count }),
      ttl_security: z.object({ enabled: z.boolean().default(false) }).optional(),
      transport: z.object({ passive_mode: z.boolean().default(false) }).optional(),
      afi_safis: z
        .array(z.object({ prefix_limits: z.object({ max_prefixes: count }).optional() }))
        .default([]),
      route_reflector: z
        .object({
          route_reflector_client: z.boolean().default(false),
          route_reflector_cluster_id: z.string().default(""),
        })
        .optional(),
    }),
  )
  .nullable();

const prefixSets = z
  .array(
    z.object({
      name: z.string(),
      prefixes: z
        .array(z.object({ ip_prefix: z.string(), mask_length_min: count, mask_length_max: count }))
        .default([]),
    }),
  )
  .nullable();

const neighborSets = z
  .array(z.object({ name: z.string(), list: z.array(z.string()).default([]) }))
  .nullable();

const matchedSet = z.object({ type: count, name: z.string() }).optional();

const assignment = z.object({
  direction: z.number(),
  default_action: count,
  policies: z
    .array(
      z.object({
        statements: z
          .array(
            z.object({
              name: z.string().default(""),
              conditions: z.object({
                prefix_set: matchedSet,
                neighbor_set: matchedSet,
                next_hop_in_list: z.array(z.string()).default([]),
                as_path_length: z.object({ type: count, length: count }).optional(),
              }),
              actions: z.object({
                route_action: count,
                local_pref: z.object({ value: count }).optional(),
                med: z.object({ type: count, value: count }).optional(),
                origin_action: z.object({ origin: count }).optional(),
                community: z
                  .object({ type: count, communities: z.array(z.string()).default([]) })
                  .optional(),
              }),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

/**
 * Numbers of GoBGP's API (api/gobgp.proto: SessionState, PolicyDirection, RouteAction, MatchSet.Type, Comparison,
 * MedAction.Type, CommunityAction.Type, RouteOriginType).
 */
const established = 6;
const importing = 1;
const accepting = 1;
const inverted = 3;
const replaced = { med: 2, community: 3 };
const igp = 1;
const comparisons: Readonly<Record<number, string>> = { 1: "eq", 2: "ge", 3: "le" };

/** Asks a daemon for what it works with. @throws Error when it does not answer */
export async function readState(daemon: Asker): Promise<RouterState> {
  const [neighbors, { rest, accepted }] = await Promise.all([
    readNeighbors(daemon),
    readPolicy(daemon),
  ]);
  return { neighbors, accepted, fence: [...rest, ...accepted.map(fenceLine)].sort() };
}

async function readPolicy(daemon: Asker): Promise<ImportPolicy> {
  const [policies, prefixes, senders] = await Promise.all([
    daemon.ask(["global", "policy"]),
    daemon.ask(["policy", "prefix"]),
    daemon.ask(["policy", "neighbor"]),
  ]);
  return parsePolicy(policies, prefixes, senders);
}

/** Asks a daemon for its neighbours alone. @throws Error when it does not answer */
export async function readNeighbors(daemon: Asker): Promise<RouterState["neighbors"]> {
  return parseNeighbors(await daemon.ask(["neighbor"]));
}

function parseNeighbors(text: string): RouterState["neighbors"] {
  const peers = neighborList.parse(JSON.parse(text.trim() || "[]")) ?? [];
  return Object.fromEntries(
    peers.map(
      ({
        conf,
        state,
        route_reflector: role,
        ttl_security: ttl,
        transport,
        afi_safis: families,
      }): [string, NeighbourState] => [
        conf.neighbor_address,
        {
          asn: conf.peer_asn || state.peer_asn,
          ...(role?.route_reflector_client ? { clusterId: role.route_reflector_cluster_id } : {}),
          ...(conf.replace_peer_asn ? { replacePeerAs: true } : {}),
          ...(conf.auth_password === "" ? {} : { password: digestOf(conf.auth_password) }),
          ...(ttl?.enabled === true ? { ttlSecurity: true } : {}),
          ...(transport?.passive_mode === true ? { passive: true } : {}),
          ...limitIn(families.map(({ prefix_limits: limits }) => limits?.max_prefixes)),
          established: state.session_state === established,
        },
      ],
    ),
  );
}

/** A session is of one family; zero is none. */
export function limitIn(found: readonly (number | undefined)[]): { readonly limit?: number } {
  const limit = found.find((one) => one !== undefined && one > 0);
  return limit === undefined ? {} : { limit };
}

interface ImportPolicy {
  readonly accepted: readonly Accepted[];
  /** {@link acceptsTheRest} when the policy ends with it. */
  readonly rest: readonly string[];
}

/** `gobgp -j global policy` prints one object on a line for each direction. */
function parsePolicy(policies: string, prefixes: string, senders: string): ImportPolicy {
  const ranges = new Map(
    (prefixSets.parse(JSON.parse(prefixes.trim() || "[]")) ?? []).map((set) => [
      set.name,
      set.prefixes,
    ]),
  );
  const lists = new Map(
    (neighborSets.parse(JSON.parse(senders.trim() || "[]")) ?? []).map((set) => [
      set.name,
      set.list,
    ]),
  );
  const imports = policies
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => assignment.parse(JSON.parse(line)))
    .filter((one) => one.direction === importing);
  const statements = imports
    .flatMap((one) => one.policies)
    .flatMap((policy) => policy.statements)
    .filter(({ actions }) => actions.route_action === accepting);
  const accepted = statements
    .filter((statement) => wideness(statement) === undefined)
    .flatMap(({ conditions, actions }) =>
      (ranges.get(conditions.prefix_set?.name ?? "") ?? []).map((range) => ({
        neighbors: lists.get(conditions.neighbor_set?.name ?? "") ?? [],
        prefix: range.ip_prefix,
        lengths: `${range.mask_length_min}..${range.mask_length_max}`,
        nextHops: conditions.next_hop_in_list,
        asPath: pathText(conditions.as_path_length),
        ...setsOf(actions),
      })),
    );
  const open = imports.some((one) => one.default_action === accepting);
  const wide = statements.flatMap((statement) => wideness(statement) ?? []);
  return { accepted, rest: [...wide, ...(open ? [acceptsTheRest] : [])] };
}

type Statement = z.output<typeof assignment>["policies"][number]["statements"][number];

/** What a statement accepts that no list of prefixes and neighbours says; undefined for one that lists them. */
function wideness({ name, conditions }: Statement): string | undefined {
  const { prefix_set: prefixes, neighbor_set: neighbors } = conditions;
  const anyPrefix = prefixes === undefined || prefixes.type === inverted;
  const anyNeighbor = neighbors === undefined || neighbors.type === inverted;
  if (!anyPrefix && !anyNeighbor) return undefined;
  const from = anyNeighbor ? "anywhere" : neighbors.name;
  const what = anyPrefix ? "any prefix" : prefixes.name;
  return `from ${from}: ${what}, by statement ${name}`;
}

function setsOf(actions: Statement["actions"]): Pick<Accepted, "sets"> {
  const { local_pref: preferred, med, origin_action: origin, community } = actions;
  const cleared = community?.type === replaced.community && community.communities.length === 0;
  const sets = resetText({
    ...(preferred === undefined ? {} : { localPref: preferred.value }),
    ...(origin?.origin === igp ? { origin: "IGP" } : {}),
    ...(med?.type === replaced.med ? { med: med.value } : {}),
    ...(cleared ? { communities: true } : {}),
  });
  return sets === "" ? {} : { sets };
}

function pathText(length: { type: number; length: number } | undefined): string {
  return length === undefined ? "" : `${comparisons[length.type] ?? length.type} ${length.length}`;
}
