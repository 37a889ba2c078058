import { type Family, familyOf } from "../../util/net";
import { decision, ranked } from "./best";
import type { Path, PathEnd } from "./path";
import { receive } from "./receive";
import { defaultLocalPref, type Sent, send, unreflected } from "./send";
import type { Adjacency, Speaker, Topology } from "./topology";

/** What becomes of one prefix in the whole network. */
export interface Outcome {
  readonly prefix: string;
  /** By id of the router: the paths it has, the best one first. A router without a path is missing. */
  readonly paths: ReadonlyMap<string, readonly Path[]>;
  /** Where paths end. */
  readonly ends: readonly PathEnd[];
  /** Whether the routers never come to rest; then paths and ends are what was there when the model gave up. */
  readonly restless: boolean;
  /** Names of sessions on which it is up to chance what a neighbour has, for what its traits say of a router. */
  readonly doubtful: readonly string[];
}

/**
 * Who is next, of that many who have something to tell. Where the answer depends on it, it depends on chance in the real
 * network.
 */
export type Turns = (waiting: number) => number;

/** Whoever waits longest. */
const inOrder: Turns = () => 0;

/** How often there is something to tell on each session, on average, before the model gives up. */
const patience = 64;

/**
 * Messages go back and forth until nobody has anything new to say.
 * @param origins ids of the routers that have the prefix
 */
export function settle(
  topology: Topology,
  prefix: string,
  origins: readonly string[] = originsOf(topology, prefix),
  turns: Turns = inOrder,
): Outcome {
  const state = new State(topology, prefix, new Set(origins));
  const waiting: Turn[] = [];
  const enqueue = (id: string) => {
    for (const turn of turnsOf(topology, id, familyOf(prefix)))
      if (!waiting.some(({ key }) => key === turn.key)) waiting.push(turn);
  };
  for (const id of [...new Set(origins)].sort()) enqueue(id);
  let left = patience * 2 * Object.keys(topology.network.sessions).length;
  while (waiting.length > 0 && left > 0) {
    left -= 1;
    const [turn] = waiting.splice(turns(waiting.length), 1);
    if (turn !== undefined && state.tell(turn)) enqueue(turn.adjacency.other.router);
  }
  return state.outcome(waiting.length > 0);
}

/** A router that may have something to tell on a session. */
interface Turn {
  readonly key: string;
  readonly speaker: Speaker;
  readonly adjacency: Adjacency;
}

/** @param family of the prefix: other sessions do not carry it */
function turnsOf(topology: Topology, id: string, family: Family | undefined): Turn[] {
  const speaker = topology.speakers.get(id);
  if (speaker === undefined) return [];
  return speaker.adjacencies
    .filter((one) => one.family === undefined || one.family === family)
    .map((adjacency) => {
      return { key: `${adjacency.session} ${adjacency.other.router}`, speaker, adjacency };
    });
}

function originsOf({ network }: Topology, prefix: string): string[] {
  return network.originations.filter((one) => one.prefix === prefix).map(({ router }) => router);
}

/** What routers have from each neighbour, and what each was last told. */
class State {
  /** By router, then by session: the paths that it took. */
  private readonly taken = new Map<string, Map<string, readonly Path[]>>();
  /** By router: the same in one list, the best one first, until it changes. */
  private readonly decided = new Map<string, readonly Path[]>();
  /** By session and receiver: what was last sent, as text. */
  private readonly told = new Map<string, string>();
  /** By session and receiver. */
  private readonly ends = new Map<string, readonly PathEnd[]>();
  private readonly doubtful = new Set<string>();

  constructor(
    private readonly topology: Topology,
    private readonly prefix: string,
    private readonly origins: ReadonlySet<string>,
  ) {}

  /** The router decides and tells its neighbour. @returns whether that one has learned something new */
  tell({ key, speaker, adjacency }: Turn): boolean {
    const paths = this.pathsOf(speaker);
    const { messages, refusals } = this.messages(speaker, adjacency, paths);
    const text = JSON.stringify([messages, refusals]);
    const before = this.told.get(key) ?? "[[],[]]";
    if (before === text) return false;
    if (forgets(speaker, adjacency, paths, before) || returns(speaker, adjacency, paths))
      this.doubtful.add(adjacency.session);
    this.told.set(key, text);
    return this.deliver(adjacency, key, messages, refusals);
  }

  outcome(restless: boolean): Outcome {
    for (const speaker of this.topology.speakers.values())
      for (const session of undecided(speaker, this.pathsOf(speaker))) this.doubtful.add(session);
    const paths = [...this.topology.speakers.values()].flatMap((speaker) => {
      const own = this.pathsOf(speaker);
      return own.length === 0 ? [] : [[speaker.id, own] as const];
    });
    const ends = [...this.ends.keys()].sort().flatMap((key) => this.ends.get(key) ?? []);
    return {
      prefix: this.prefix,
      paths: new Map(paths),
      ends,
      restless,
      doubtful: [...this.doubtful].sort(),
    };
  }

  private pathsOf({ id, traits }: Speaker): readonly Path[] {
    const known = this.decided.get(id);
    if (known !== undefined) return known;
    const learned = [...(this.taken.get(id)?.values() ?? [])].flat();
    const own = this.origins.has(id) ? [ownPath(this.prefix, id)] : [];
    const paths = ranked(traits, [...own, ...learned]);
    this.decided.set(id, paths);
    return paths;
  }

  private messages(speaker: Speaker, adjacency: Adjacency, paths: readonly Path[]) {
    const messages: Sent[] = [];
    const refusals: string[] = [];
    const most = adjacency.own.paths ?? 1;
    for (const path of most === 1 ? paths.slice(0, 1) : paths) {
      if (messages.length === most) break;
      const made = send(this.topology, speaker, adjacency, path);
      if (typeof made === "string") refusals.push(made);
      else messages.push(made);
    }
    return { messages, refusals };
  }

  /** @returns whether the receiver has other paths than before */
  private deliver(
    { session, own, other }: Adjacency,
    key: string,
    messages: readonly Sent[],
    refusals: readonly string[],
  ): boolean {
    const receiver = this.topology.speakers.get(other.router);
    const back = receiver?.adjacencies.find((one) => one.session === session);
    if (receiver === undefined || back === undefined) return false;
    const reasons = [...refusals];
    const paths = messages.flatMap((message) => {
      const path = receive(this.topology, receiver, back, message);
      if (typeof path !== "string") return [path];
      reasons.push(path);
      return [];
    });
    const end = { session, sender: own.router, receiver: other.router };
    this.ends.set(
      key,
      reasons.map((reason) => ({ ...end, reason })),
    );
    const before = this.taken.get(receiver.id) ?? new Map<string, readonly Path[]>();
    this.taken.set(receiver.id, before);
    if (paths.length === 0 && !before.has(session)) return false;
    this.decided.delete(receiver.id);
    if (paths.length === 0) before.delete(session);
    else before.set(session, paths);
    return true;
  }
}

/** Whether the best path is not reflected, and another one was sent before, or would have been if it had come first. */
function forgets(
  speaker: Speaker,
  adjacency: Adjacency,
  [best, ...others]: readonly Path[],
  before: string,
): boolean {
  if (best === undefined || !speaker.traits.forgetsToWithdraw) return false;
  if (unreflected(speaker, adjacency, best) === undefined) return false;
  const sent = ({ learned }: Path) =>
    learned !== undefined && learned.session !== adjacency.session;
  return (
    !before.startsWith("[[]") ||
    others.some((path) => sent(path) && unreflected(speaker, adjacency, path) === undefined)
  );
}

/** Whether the best path comes from the neighbour itself, and it would take it back. */
function returns(
  { traits }: Speaker,
  { session, external, other }: Adjacency,
  [best]: readonly Path[],
): boolean {
  if (!traits.returnsToSender || best?.learned?.session !== session) return false;
  return external && (other.allowOwnAs ?? 0) > 0;
}

/** Sessions of paths that nothing tells from the best one, as when a neighbour sends several. */
function undecided({ traits }: Speaker, [best, ...others]: readonly Path[]): string[] {
  if (best === undefined) return [];
  return others.flatMap((path) =>
    decision(traits, best, path).order === 0 && path.learned !== undefined
      ? [path.learned.session]
      : [],
  );
}

function ownPath(prefix: string, from: string): Path {
  return {
    prefix,
    from,
    asPath: [],
    localPref: defaultLocalPref,
    clusterList: [],
    noAdvertise: false,
    over: [],
  };
}
