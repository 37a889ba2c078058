import { z } from "zod";
import { digestOf } from "../passwords";

/** One neighbour as the daemon has it. */
export interface NeighborState {
  readonly asn: number;
  /** RFC 4456 cluster-id; absent when the neighbour is no client. */
  readonly clusterId?: string;
  /** Whether its own AS is replaced in what it is sent. Absent: it is not. */
  readonly replacePeerAs?: true;
  /** Digest of its password; absent where it has none. */
  readonly password?: string;
  readonly established: boolean;
}

/** What a running gobgpd works with, as far as its file says it. */
export interface GobgpState {
  /** By address. */
  readonly neighbors: Readonly<Record<string, NeighborState>>;
  /** What is accepted, one line for each statement and range, sorted; see {@link fenceLine}. */
  readonly fence: readonly string[];
}

/** One thing the import policy accepts. */
export interface Accepted {
  /** As prefixes: `172.16.18.34/32`. */
  readonly neighbors: readonly string[];
  readonly prefix: string;
  /** `26..32` */
  readonly lengths: string;
  readonly nextHops: readonly string[];
  /** Comparison and number of the length of the AS path: `le 1`; empty where any is accepted. */
  readonly asPath: string;
}

/** One thing the import policy accepts, in words; the same from the file and from the daemon. */
export function fenceLine({ neighbors, prefix, lengths, nextHops, asPath }: Accepted): string {
  const path = asPath === "" ? "" : `, AS path ${asPath}`;
  return `from ${neighbors.join(", ")}: ${prefix} ${lengths} by ${nextHops.join(", ")}${path}`;
}

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

const assignment = z.object({
  direction: z.number(),
  default_action: count,
  policies: z
    .array(
      z.object({
        statements: z
          .array(
            z.object({
              conditions: z.object({
                prefix_set: z.object({ name: z.string() }).optional(),
                neighbor_set: z.object({ name: z.string() }).optional(),
                next_hop_in_list: z.array(z.string()).default([]),
                as_path_length: z.object({ type: count, length: count }).optional(),
              }),
              actions: z.object({ route_action: count }),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

/** Numbers of GoBGP's API (api/gobgp.proto: SessionState, PolicyDirection, RouteAction, Comparison). */
const established = 6;
const importing = 1;
const accepting = 1;
const comparisons: Readonly<Record<number, string>> = { 1: "eq", 2: "ge", 3: "le" };

export interface Askable {
  /** Runs `gobgp -j` with arguments against the daemon. @returns its standard output */
  ask(args: readonly string[]): Promise<string>;
}

/** Asks a daemon for what it works with. @throws Error when it does not answer */
export async function readState(daemon: Askable): Promise<GobgpState> {
  const neighbors = parseNeighbors(await daemon.ask(["neighbor"]));
  const { rest, accepted } = await readPolicy(daemon);
  return { neighbors, fence: [...rest, ...accepted.map(fenceLine)].sort() };
}

/** Asks a daemon for what its import policy accepts by name. @throws Error when it does not answer */
export async function readAccepted(daemon: Askable): Promise<readonly Accepted[]> {
  return (await readPolicy(daemon)).accepted;
}

async function readPolicy(daemon: Askable): Promise<ImportPolicy> {
  const [policies, prefixes, senders] = [
    await daemon.ask(["global", "policy"]),
    await daemon.ask(["policy", "prefix"]),
    await daemon.ask(["policy", "neighbor"]),
  ];
  return parsePolicy(policies, prefixes, senders);
}

/** Asks a daemon for its neighbours alone. @throws Error when it does not answer */
export async function readNeighbors(daemon: Askable): Promise<GobgpState["neighbors"]> {
  return parseNeighbors(await daemon.ask(["neighbor"]));
}

function parseNeighbors(text: string): GobgpState["neighbors"] {
  const peers = neighborList.parse(JSON.parse(text.trim() || "[]")) ?? [];
  return Object.fromEntries(
    peers.map(({ conf, state, route_reflector: role }): [string, NeighborState] => [
      conf.neighbor_address,
      {
        asn: conf.peer_asn || state.peer_asn,
        ...(role?.route_reflector_client ? { clusterId: role.route_reflector_cluster_id } : {}),
        ...(conf.replace_peer_asn ? { replacePeerAs: true } : {}),
        ...(conf.auth_password === "" ? {} : { password: digestOf(conf.auth_password) }),
        established: state.session_state === established,
      },
    ]),
  );
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
  const accepted = imports
    .flatMap((one) => one.policies)
    .flatMap(({ statements }) => statements)
    .filter(({ actions }) => actions.route_action === accepting)
    .flatMap(({ conditions }) =>
      (ranges.get(conditions.prefix_set?.name ?? "") ?? []).map((range) => ({
        neighbors: lists.get(conditions.neighbor_set?.name ?? "") ?? [],
        prefix: range.ip_prefix,
        lengths: `${range.mask_length_min}..${range.mask_length_max}`,
        nextHops: conditions.next_hop_in_list,
        asPath: pathText(conditions.as_path_length),
      })),
    );
  const open = imports.some((one) => one.default_action === accepting);
  return { accepted, rest: open ? [acceptsTheRest] : [] };
}

function pathText(length: { type: number; length: number } | undefined): string {
  return length === undefined ? "" : `${comparisons[length.type] ?? length.type} ${length.length}`;
}
