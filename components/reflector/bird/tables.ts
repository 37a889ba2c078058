import {
  type Asker,
  type BfdState,
  type Exchange,
  type RouterNeighbour,
  type RouterPath,
  type SessionState,
  sessionState,
} from "../../ask/router";

/** A BGP protocol as `birdc show protocols all` prints it. */
export interface BirdProtocol {
  /** Last part of its name, and of those of its filters and constants. */
  readonly suffix: string;
  readonly address: string;
  readonly asn: number;
  readonly state: SessionState;
  /** Since when it is in its state; UTC. */
  readonly since: string;
  /** How far its BFD is; absent where it has none. */
  readonly bfd?: BfdState;
  readonly importFilter: string;
  readonly imported: number;
  readonly filtered: number;
  /** Most prefixes that it imports; absent where it imports any number. */
  readonly limit?: number;
  /** Its counts of routes, as it says them. */
  readonly routes: string;
}

/** What is asked beside `show protocols all`: how far BFD is, where the daemon has it. */
export function askBfd(text: string): readonly (readonly string[])[] {
  return /^\S+\s+BFD\s/m.test(text) ? [["show", "bfd", "sessions"]] : [];
}

const bfdStates: readonly BfdState[] = ["AdminDown", "Down", "Init", "Up"];

/** The table of `birdc show bfd sessions`, wherever in a text: states by address. */
function parseBfd(text: string): ReadonlyMap<string, BfdState> {
  const table = /^IP address\s+Interface\s+State\s.*\n((?:.+\n?)*)/m.exec(text)?.[1] ?? "";
  return new Map(
    table.split("\n").flatMap((line) => {
      const [, address, state] = /^([0-9a-f.:]+)\s+\S+\s+(\S+)\s/i.exec(line) ?? [];
      if (address === undefined) return [];
      return [[address, bfdStates.find((known) => known === state) ?? "Unknown"] as const];
    }),
  );
}

/** Reads `birdc show protocols all`, and what {@link askBfd} asks. @throws Error when it is something else */
export function parseProtocols(text: string): BirdProtocol[] {
  if (!/^Name\s+Proto\s+Table\s+State\s+Since\s+Info/m.test(text))
    throw new Error("no table of protocols");
  const watched = parseBfd(text);
  return text.split(/^(?=\S)/m).flatMap((part) => {
    const head = /^(\S+)\s+BGP\s+\S+\s+\S+\s+(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/.exec(part);
    const field = (name: string) => new RegExp(`^ +${name}:\\s+(.*?)\\s*$`, "m").exec(part)?.[1];
    const address = field("Neighbor address");
    if (head === null || address === undefined) return [];
    const routes = field("Routes") ?? "";
    const counted = (what: string) =>
      Number(new RegExp(`(\\d+) ${what}\\b`).exec(routes)?.[1] ?? 0);
    const state = field("BGP state") ?? "";
    const limit = /^\d+/.exec(field("Import limit") ?? "")?.[0];
    const bfd = watched.get(address);
    return [
      {
        suffix: head[1]?.replace(/^node_/, "") ?? "",
        address,
        asn: Number(field("Neighbor AS")),
        state: sessionState(state),
        since: head[2] ?? "",
        ...(bfd === undefined ? {} : { bfd }),
        importFilter: field("Input filter") ?? "",
        imported: counted("imported"),
        filtered: counted("filtered"),
        ...(limit === undefined ? {} : { limit: Number(limit) }),
        routes,
      },
    ];
  });
}

/** The neighbours of `birdc show protocols all`. */
export function parseBirdNeighbours(text: string, now: number): RouterNeighbour[] {
  return parseProtocols(text).map(({ address, asn, state, since, bfd, imported, filtered }) => ({
    address,
    asn,
    state,
    ...(bfd === undefined ? {} : { bfd }),
    ...(state === "Established" ? { uptimeSeconds: ageOf(since, now) } : {}),
    received: imported + filtered,
    accepted: imported,
  }));
}

/** How far its sessions have come; BIRD does not tell of End-of-RIB. @throws Error when it does not answer */
export async function birdExchange(daemon: Asker): Promise<Record<string, Exchange>> {
  const protocols = parseProtocols(await daemon.ask(["show", "protocols", "all"]));
  return Object.fromEntries(
    protocols.map(({ address, state, routes }) => [
      address,
      { established: state === "Established", sent: routes },
    ]),
  );
}

/**
 * The paths of `birdc show route all`. A second path to a prefix does not repeat it.
 * @throws Error when it is something else
 */
export function parseBirdRib(text: string, now: number): RouterPath[] {
  if (!/^BIRD \S+ ready\./.test(text)) throw new Error("no answer of BIRD");
  let prefix = "";
  return text.split(/^(?!\t)/m).flatMap((part) => {
    const head =
      /^(\S+)?\s+\S.*\[\S+ (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: from (\S+))?\](\s\*)? /.exec(part);
    if (head === null) return [];
    prefix = head[1] ?? prefix;
    const attribute = (name: string) =>
      new RegExp(`^\\tBGP\\.${name}: (.*)$`, "m").exec(part)?.[1]?.trim();
    const localPref = attribute("local_pref");
    return [
      {
        prefix,
        // Of IPv6 there may be a link-local address behind it.
        nextHop: attribute("next_hop")?.split(" ")[0] ?? "",
        peer: head[3] ?? neighbourOf(part),
        best: head[4] !== undefined,
        ageSeconds: ageOf(head[2] ?? "", now),
        ...(localPref === undefined ? {} : { localPref: Number(localPref) }),
      },
    ];
  });
}

/** BIRD says from whom a path of BGP is where that is another than its gateway. */
function neighbourOf(part: string): string {
  const gateway = /^\tvia (\S+) on /m.exec(part)?.[1];
  return gateway !== undefined && /^\tType: BGP /m.test(part) ? gateway : "";
}

/** @param since as BIRD writes it in a container whose clock is in UTC */
function ageOf(since: string, now: number): number {
  return Math.max(0, Math.round(now - Date.parse(`${since.replace(" ", "T")}Z`) / 1000));
}
