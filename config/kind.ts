import type { z } from "zod";
import type { CoeDraft, Draft, ReflectorDraft } from "./draft";
import type { LoginSort } from "./handed-on";
import type { Path, Problem } from "./problems";
import type { ReflectorConfig } from "./types";

/** What the configuration and the plan ask of a kind of COE. They are handed all kinds, and know none. */
export interface CoeKind {
  /** Roles of its nodes, by name: whether such a node speaks BGP. */
  readonly roles: Readonly<Record<string, { readonly speaker: boolean }>>;
  /** The role of a node that names none. */
  readonly defaultRole: string;
  /** What can speak BGP on its nodes, by name. */
  readonly speakers: Readonly<Record<string, SpeakerFacts>>;
  /** The speaker of a COE that names none. */
  readonly defaultSpeaker: string;
  /** Fields of a COE's record that are the kind's own. */
  readonly fields: Fields;
  readonly access: AccessFacts;
  readonly secrets: SecretFacts;
  /** Why its nodes cannot be told a password of BGP sessions. Absent: they can. */
  readonly noBgpPasswords?: string;
  /** Why its containers, nodes and services have no addresses of IPv6. Absent: they can have them. */
  readonly noIpv6?: string;
  /** Whether its nodes can be read from it. */
  readonly listsNodes: boolean;
  readonly services: ServiceFacts;
  /** Loopback ports by which its APIs are reached in a lab, by name, where the configuration says nothing of them. */
  readonly labPorts: Readonly<Record<string, number>>;
  /** Whether labs without such a COE leave these ports out. Default: they have them, as in the states of labs of before. */
  readonly labPortsIfUsed?: true;
  readonly probe: ProbeFacts;
  readonly names: NameFacts;
  readonly policy: PolicyFacts;
  /** What is wrong with its own part of a COE's record, and with what does not go with it elsewhere. */
  check(coe: CoeDraft, at: Path, around: Around): Iterable<Problem>;
  /** Whether the kind itself asks for hosts that are let in by name, whatever the policy. Default: it does not. */
  admitsHosts?(coe: CoeDraft): boolean;
  /** Whether the pools of its ranges are there already, though the configuration names none. Default: they are not. */
  adoptsPools?(coe: CoeDraft): boolean;
}

/** What the configuration has to know of a BGP speaker of nodes. */
export interface SpeakerFacts {
  /**
   * Whether each node that speaks BGP has a range of its own, `nodes.<n>.podCidr`, and announces that and nothing else of
   * podCidr. Absent: nodes take blocks of the COE's ranges, as Calico's IPAM gives them out.
   */
  readonly nodeRanges?: true;
  /** Whether it takes a password of BGP sessions as one word of its file, without spaces. Absent: it takes any text. */
  readonly passwordsAsWords?: true;
  /** Why it does not watch its neighbours with BFD (RFC 5880). Absent: it does where both ends are told to. */
  readonly noBfd?: string;
  /**
   * Whether it takes a neighbour in another AS for one that may be several hops away once the session has TTL security, and has no
   * BFD of a single hop (RFC 5881) with it then. Absent: it does not.
   */
  readonly farWithTtlSecurity?: true;
  /**
   * `elsewhere`: nodes have the routes to each other from their CNI plugin, and take none of them by BGP. Absent: they
   * learn them as they learn those of other COEs.
   */
  readonly ownRoutes?: "elsewhere";
  /** Whether nodes of one COE in one AS make sessions with each other by themselves. Absent: each is told of the others. */
  readonly ownMesh?: true;
}

/** What a COE's record is judged beside. */
export interface Around {
  readonly config: Draft;
  /** The sorts of secrets that there are for the COE. */
  readonly secrets: readonly LoginSort[];
}

/** By the name that the configuration uses. */
export type CoeKinds = Readonly<Record<string, CoeKind>>;

/** Everything of which there are kinds. */
export interface Kinds {
  readonly coes: CoeKinds;
  readonly reflectors: Readonly<Record<string, ReflectorKind>>;
}

/** What the configuration asks of a kind of reflector. */
export interface ReflectorKind {
  /** Fields of a reflector's record that are the kind's own. */
  readonly fields: Fields;
  /** Why it cannot be the router of a rack. Absent: it can. */
  readonly noRack?: string;
  /** Why it does not watch its neighbours with BFD (RFC 5880). Absent: it does where both ends are told to. */
  readonly noBfd?: string;
  /**
   * Longest time between two of its keepalives, in seconds, where only a keepalive has it notice that a node was rebooted: it refuses
   * the node's new connection until then. Absent: a third of the hold time (RFC 4271, 10).
   */
  readonly keepalive?: number;
  /** What is wrong with its own part of a reflector's record. */
  check(reflector: ReflectorDraft, at: Path): Iterable<Problem>;
  /** What the plan has of that part. Default: nothing. */
  plan?(reflector: ReflectorConfig): OwnReflectorPart;
}

/** Fields of a reflector's record in the plan that its kind writes. */
export interface OwnReflectorPart {
  /** In whose language its configuration is written; absent where its kind says it. */
  readonly dialect?: string;
  /** That nobody can ask it; absent where somebody can. */
  readonly unread?: true;
  /** Whether it waits for its nodes to connect; absent where it connects to them, too. */
  readonly passive?: true;
}

/** Schemas by the names of fields. */
export type Fields = Readonly<Record<string, z.ZodType>>;

/** How a COE that is there already is reached. */
export interface AccessFacts {
  readonly fields: Fields;
  /** One that a message may show. */
  readonly example: string;
}

/** Secrets by which a COE is reached. */
export interface SecretFacts {
  readonly sorts: readonly LoginSort[];
  /** By what it is reached where that takes no secrets of the stack. */
  readonly instead?: string;
  /** What is wrong with having a secret of a sort, but for its value. @param given the sorts that this COE has */
  check?(
    sort: LoginSort,
    given: readonly LoginSort[],
    coe: CoeDraft,
    name: string,
  ): string | undefined;
}

export type ServiceRangeName = "serviceCidr" | "loadBalancerCidr" | "externalCidr";

/** Addresses of services. */
export interface ServiceFacts {
  /** The ranges that it can have. */
  readonly ranges: readonly ServiceRangeName[];
  /** What takes traffic to services that are not announced, on each node. Absent: nothing does. */
  readonly proxy?: string;
  /** What its load balancers are, where these announce their range by themselves: a program on all nodes of a role. */
  readonly balancers?: { readonly program: string; readonly role: string };
}

/** The workload that proves traffic. */
export interface ProbeFacts {
  /** What its image has to have. */
  readonly image: string;
  /** Whether it is a program of the nodes' own, as it is written. Default: it runs an image. */
  runsWithoutImage?(coe: CoeDraft): boolean;
  /** Fields beside those of any kind. */
  readonly fields: Fields;
}

/** What a policy on containers cannot tell, or cuts off. */
export interface PolicyFacts {
  /** What leads to containers with the address of a node, whoever asks. */
  readonly byNode: string;
  /** Hosts that have to reach containers and may not be among the nodes, with what fails without them. */
  readonly needed: string;
}

/** The name servers a COE of a kind has, where the configuration names none. */
export interface NameFacts {
  /** Zones they answer for. */
  readonly zones: readonly string[];
  /**
   * Where they are: an address of the service range, by its place in it, or all nodes of a role. Absent: there are none that
   * others could ask, so that a configuration has to name some, and zones for them.
   */
  readonly at?: { readonly service: number } | { readonly role: string };
}

/** A kind by its name; undefined where there is no such kind. */
export function kindOf<T>(
  kinds: Readonly<Record<string, T>>,
  kind: string | undefined,
): T | undefined {
  return kind !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
}

type SpokenKind = Pick<CoeKind, "speakers" | "defaultSpeaker">;
type SpokenCoe = { readonly speaker?: string | undefined };

/** What is known of the speaker of a COE, which is its kind's usual one where it names none. */
function speakerFacts(
  kind: SpokenKind | undefined,
  { speaker = kind?.defaultSpeaker }: SpokenCoe,
): SpeakerFacts | undefined {
  return kindOf(kind?.speakers ?? {}, speaker);
}

/** Whether each node of a COE has a range of its own in place of blocks. Nobody knows it of a kind or a speaker that is none. */
export function hasNodeRanges(kind: SpokenKind | undefined, coe: SpokenCoe): boolean {
  return speakerFacts(kind, coe)?.nodeRanges === true;
}

/** Whether nodes of a COE in one AS make sessions with each other by themselves. */
export function makesMesh(kind: SpokenKind | undefined, coe: SpokenCoe): boolean {
  return speakerFacts(kind, coe)?.ownMesh === true;
}

/**
 * Why the nodes of a COE do not watch their neighbours with BFD; undefined where they do.
 * @param guardedOutside whether it is about a neighbour in another AS with TTL security. Default: it is not
 */
export function bfdMissing(
  kind: SpokenKind | undefined,
  coe: SpokenCoe,
  guardedOutside = false,
): string | undefined {
  const facts = speakerFacts(kind, coe);
  if (facts === undefined) return "nobody knows its speaker";
  return guardedOutside && facts.farWithTtlSecurity === true
    ? "with TTL security it takes a neighbour in another AS for one that is far away"
    : facts.noBfd;
}

/** Whether a node speaks BGP. A node of a kind that nobody knows does. */
export function speaks(
  kind: Pick<CoeKind, "roles" | "defaultRole"> | undefined,
  { role, speaker }: { readonly role?: string | undefined; readonly speaker?: boolean | undefined },
): boolean {
  return speaker ?? kind?.roles[role ?? kind.defaultRole]?.speaker ?? true;
}
