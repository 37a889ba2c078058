/** A table of the daemon: how it is asked, and how its answer is read. */
export interface RouterTable<T> {
  readonly args: readonly string[];
  /**
   * What it is asked for IPv6 where the first question is about IPv4 alone; the answers come one after the other then. Absent:
   * the first is about both families.
   */
  readonly args6?: readonly string[];
  /**
   * What it is asked beside that, by what it answered: one list of arguments for each question. The answers come one after
   * the other then. Absent: nothing.
   * @param six whether it has sessions of IPv6
   * @throws Error when the answer cannot be read
   */
  more?(text: string, six: boolean): readonly (readonly string[])[];
  /** @param now seconds since the epoch on the reflector's clock @throws Error when it cannot be read */
  parse(text: string, now: number): T[];
}

/** The states of a session (RFC 4271, section 8.2.2), in the order of a session that comes up. */
export const sessionStates = [
  "Idle",
  "Connect",
  "Active",
  "OpenSent",
  "OpenConfirm",
  "Established",
] as const;

export type SessionState = (typeof sessionStates)[number] | "Unknown";

/** The state that a daemon says by its name. */
export function sessionState(said: string | undefined): SessionState {
  return sessionStates.find((state) => state === said) ?? "Unknown";
}

/** The states of BFD (RFC 5880, section 6.2), or what else a daemon says. */
export type BfdState = "AdminDown" | "Down" | "Init" | "Up" | "Unknown";

/** A neighbour as a router reports it. */
export interface RouterNeighbour {
  readonly address: string;
  readonly asn: number;
  readonly state: SessionState;
  /** Whole seconds since the session was established; absent while it never was. */
  readonly uptimeSeconds?: number;
  /** How far its BFD with the neighbour is; absent where it has none. */
  readonly bfd?: BfdState;
  /** Prefixes that it has sent. */
  readonly received: number;
  /** Those of them that the import policy has let into the RIB. */
  readonly accepted: number;
}

/** A path of a router's RIB. */
export interface RouterPath {
  readonly prefix: string;
  readonly nextHop: string;
  /** The neighbour it was learned from. */
  readonly peer: string;
  readonly best: boolean;
  readonly ageSeconds: number;
  readonly localPref?: number;
}

/** A session as a node's own speaker reports it. */
export interface SpeakerSession {
  /** The daemon's own name of it. */
  readonly name: string;
  /** Of the other end. */
  readonly address: string;
  readonly asn: number;
  readonly state: SessionState;
  /** Whole seconds since it was established; absent while it is not, and where the daemon tells the day only. */
  readonly uptimeSeconds?: number;
  /** How far its BFD with the other end is; absent where it has none. */
  readonly bfd?: BfdState;
  /** What the daemon has against it, such as its last error. */
  readonly problem?: string;
  /** What it has taken from the other end. */
  readonly imported: readonly SpeakerRoute[];
  /** Prefixes that it sends. */
  readonly exported: readonly string[];
}

export interface SpeakerRoute {
  readonly prefix: string;
  /** The gateway; empty where it has none. */
  readonly via: string;
}

/** What a node's own speaker says of itself. */
export interface SpeakerState {
  /** The node's BGP identifier. */
  readonly routerId: string;
  /** All sessions that it has, planned or not. */
  readonly sessions: readonly SpeakerSession[];
}

/** What a reflector is asked for. */
export interface RouterTables {
  readonly neighbours: RouterTable<RouterNeighbour>;
  readonly rib: RouterTable<RouterPath>;
}

/** How far a session with a neighbour has come. */
export interface Exchange {
  readonly established: boolean;
  /** Whether all has been sent that was there to say (RFC 4724, End-of-RIB); absent where the daemon does not tell. */
  readonly endOfRib?: boolean;
  /** Where it does not: what has been sent so far, as text to compare. */
  readonly sent?: string;
}

/** How reflectors of a kind are asked. */
export interface RouterAsk {
  /**
   * The program that asks the daemon, without what is asked.
   * @param api where the daemon answers; undefined where the program asks by itself
   */
  client(api: string | undefined): readonly string[];
  readonly tables: RouterTables;
  /** Asks a running daemon for what it works with. @throws Error when it does not answer */
  read(daemon: Asker): Promise<RouterState>;
  /**
   * Asks it how far its sessions have come, by address of the neighbour. Absent where whoever answers does not know.
   * @throws Error when it does not answer
   */
  exchange?(daemon: Asker): Promise<Readonly<Record<string, Exchange>>>;
}

/** Who asks one daemon. */
export interface Asker {
  /**
   * Runs the program that asks the daemon.
   * @param input its standard input. Default: none
   * @returns its standard output
   */
  ask(args: readonly string[], input?: string): Promise<string>;
}

/** What a router is to a neighbour, and the neighbour to it. */
export interface NeighbourRole {
  readonly asn: number;
  /** RFC 4456 cluster-id; absent when the neighbour is no client. */
  readonly clusterId?: string;
  /** Whether its own AS is replaced in what it is sent. Absent: it is not. */
  readonly replacePeerAs?: true;
  /** Digest of its password; absent where it has none. */
  readonly password?: string;
  /** Whether it takes only packets that have passed no router (RFC 5082). Absent: it takes all. */
  readonly ttlSecurity?: true;
  /** Whether it waits for the neighbour to connect. Absent: it connects, too. */
  readonly passive?: true;
  /** Whether it watches the neighbour with BFD (RFC 5880). Absent: it does not. */
  readonly bfd?: true;
  /** Most prefixes that are taken of it. Absent: any number. */
  readonly limit?: number;
}

/** One neighbour as the daemon has it. */
export interface NeighbourState extends NeighbourRole {
  readonly established: boolean;
}

/** What a running daemon works with, as far as its file says it. */
export interface RouterState {
  /** By address. */
  readonly neighbors: Readonly<Record<string, NeighbourState>>;
  readonly accepted: readonly Accepted[];
  /** What is accepted in lines, sorted; see {@link fenceLine}. */
  readonly fence: readonly string[];
}

/** One thing an import policy accepts. */
export interface Accepted {
  /** As prefixes: `172.16.18.34/32`. */
  readonly neighbors: readonly string[];
  readonly prefix: string;
  /** `26..32` */
  readonly lengths: string;
  readonly nextHops: readonly string[];
  /** Comparison and number of the length of the AS path: `le 1`; empty where any is accepted. */
  readonly asPath: string;
  /** What is written into the path, in the words of {@link resetText}; absent where it stays as the neighbour sent it. */
  readonly sets?: string;
}

/** The attributes by which one path is preferred to another, as a router writes them anew into what it accepts. */
export interface Resets {
  readonly localPref?: number;
  readonly origin?: "IGP";
  readonly med?: number;
  /** Whether it removes communities of every kind (RFC 1997, 4360, 8092). */
  readonly communities?: boolean;
}

/** What a router writes into a path that it accepts, in words; the same from its file and from the daemon. */
export function resetText({ localPref, origin, med, communities }: Resets): string {
  return [
    ...(localPref === undefined ? [] : [`LOCAL_PREF ${localPref}`]),
    ...(origin === undefined ? [] : [`ORIGIN ${origin}`]),
    ...(med === undefined ? [] : [`MED ${med}`]),
    ...(communities === true ? ["no communities"] : []),
  ].join(", ");
}

/** What routers reset in all that they accept from a node: the values that a node has without any policy. */
export function nodeResets(localPref: number): string {
  return resetText({ localPref, origin: "IGP", med: 0, communities: true });
}

/** One thing an import policy accepts, in words; the same from the file and from the daemon. */
export function fenceLine(one: Accepted): string {
  const { neighbors, prefix, lengths, nextHops, asPath, sets } = one;
  const path = asPath === "" ? "" : `, AS path ${asPath}`;
  const set = sets === undefined ? "" : `, set to ${sets}`;
  return `from ${neighbors.join(", ")}: ${prefix} ${lengths} by ${nextHops.join(", ")}${path}${set}`;
}
