import { agreedIn, isReflector } from "../sessions";
import type { Plan, ReflectorPlan, SessionEnd, SessionPlan } from "../types";
import type { PlanChange, ReflectorChange, SessionChange, SessionReset, TakeOver } from "./types";

/** The sessions that can come up: nothing is applied to a COE that is planned only. */
export function liveSessions(plan: Plan): Readonly<Record<string, SessionPlan>> {
  const isUp = ({ id }: SessionEnd) =>
    isReflector(plan, id) || plan.coes[coeOf(id)]?.deployed === true;
  return Object.fromEntries(
    Object.entries(plan.sessions).filter(([, { a, b }]) => isUp(a) && isUp(b)),
  );
}

/** The COE of a node's id; the router itself where it is none of a node. */
export function coeOf(id: string): string {
  const [coe = id] = id.split("/");
  return coe;
}

/** @param takeOvers of the reflectors that are in both plans, by name */
export function sessionChanges(
  before: Plan,
  after: Plan,
  reflectors: readonly ReflectorChange[],
  takeOvers: ReadonlyMap<string, TakeOver>,
): PlanChange["sessions"] {
  const [old, next] = [liveSessions(before), liveSessions(after)];
  const added: SessionChange[] = [];
  const removed: SessionChange[] = [];
  const reset: SessionReset[] = [];
  const tuned: SessionChange[] = [];
  let stay = 0;
  const names = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort();
  for (const session of names) {
    const [was, is] = [old[session], next[session]];
    if (was === undefined && is !== undefined) {
      added.push({ session, why: [present(is, before, "is added", "is deployed")] });
    } else if (was !== undefined && is === undefined) {
      removed.push({ session, why: [present(was, after, "is removed", "is no longer deployed")] });
    } else if (was !== undefined && is !== undefined) {
      const changed = [
        ...differences(was, is),
        ...ofReflector(is, before.reflectors[was.a.id], after.reflectors[is.a.id]),
      ];
      const down = resetBy(was, is, changed, reflectors, takeOvers.get(is.a.id));
      const inTurn = returnsInTurn(was, is, takeOvers.get(is.a.id));
      if (down === undefined) stay += 1;
      else reset.push({ session, ...down, ...(inTurn ? { inTurn } : {}) });
      if (down === undefined && changed.length > 0)
        tuned.push({ session, why: changed.map(({ text }) => text) });
    }
  }
  return { added, removed, reset, tuned, stay };
}

/** Whether a reflector that we run resets it, and it comes back by itself. */
function returnsInTurn(was: SessionPlan, is: SessionPlan, takeOver: TakeOver | undefined): boolean {
  return takeOver !== undefined && takeOver.byOwner !== true && agreedIn(was) === agreedIn(is);
}

/** What brings or takes away a session: what of it the other plan does not have. */
function present({ a, b }: SessionPlan, other: Plan, came: string, deployed: string): string {
  const ofNode = ({ id }: SessionEnd) => {
    const coe = coeOf(id);
    const there = other.coes[coe];
    if (there === undefined) return `${coe} ${came}`;
    if (!there.deployed) return `${coe} ${deployed}`;
    return Object.values(there.nodes).some((node) => node.id === id && node.speaker)
      ? undefined
      : `${id} ${came}`;
  };
  if (a.id.includes("/"))
    return ofNode(a) ?? ofNode(b) ?? `topology ${other.topology ?? "reflectors"}`;
  if (other.reflectors[a.id] === undefined) return `${a.id} ${came}`;
  if (!b.id.includes("/")) return `${b.id} ${came}`;
  return ofNode(b) ?? `${b.id} ${came}`;
}

interface Difference {
  readonly text: string;
  /** Whether any speaker has to give the session up for it: it is what a connection and its OPEN are made of. */
  readonly resets: boolean;
}

function differences(was: SessionPlan, is: SessionPlan): Difference[] {
  return [
    ...endDifferences(is.a.id, was.a, is.a),
    // Not by its name, so that what changes alike for many nodes reads alike.
    ...endDifferences(
      is.a.id.includes("/") || !is.b.id.includes("/") ? is.b.id : "the node",
      was.b,
      is.b,
    ),
    ...different("both ends", "password", was.password, is.password, true),
    ...different("both ends", "TTL security", was.ttlSecurity, is.ttlSecurity, true),
    // Of several hops before, of one hop then.
    ...different("both ends", "BFD", watch(was.bfd), watch(is.bfd), true),
  ];
}

function watch(bfd: SessionPlan["bfd"]): string | undefined {
  return bfd === undefined ? undefined : `${bfd.multiplier} x ${bfd.interval} ms`;
}

/** What a reflector does alike in all sessions with nodes; a cluster-id is in the routes of its clients (RFC 4456). */
function ofReflector(
  { a, b }: SessionPlan,
  was: ReflectorPlan | undefined,
  is: ReflectorPlan | undefined,
): Difference[] {
  const name = is?.name ?? "";
  return [
    ...(a.role === "reflector" ? different(name, "cluster-id", was?.clusterId, is?.clusterId) : []),
    ...(b.id.includes("/")
      ? different(name, "waiting for nodes to connect", was?.passive, is?.passive)
      : []),
  ];
}

function endDifferences(at: string, was: SessionEnd, is: SessionEnd): Difference[] {
  const seconds = (timers: SessionEnd["timers"]) =>
    timers === undefined ? undefined : `hold ${timers.hold} keepalive ${timers.keepalive}`;
  const restart = (one: SessionEnd["gracefulRestart"]) =>
    one === undefined ? undefined : `restart ${one.restart} deferral ${one.deferral}`;
  return [
    ...different(at, "AS", was.asn, is.asn, true),
    ...different(at, "address", was.address, is.address, true),
    ...different(at, "port", was.port ?? 179, is.port ?? 179, true),
    ...different(at, "role", was.role, is.role),
    ...different(at, "AS of the neighbour replaced", was.replacePeerAs, is.replacePeerAs),
    ...different(at, "itself as next hop", was.nextHopSelf, is.nextHopSelf),
    ...different(at, "several hops", was.multihop, is.multihop, true),
    ...different(at, "timers", seconds(was.timers), seconds(is.timers)),
    ...different(at, "graceful restart", restart(was.gracefulRestart), restart(is.gracefulRestart)),
    ...different(at, "own routes only", was.ownRoutesOnly, is.ownRoutesOnly),
    ...different(at, "paths sent", was.sendPaths ?? 1, is.sendPaths ?? 1),
  ];
}

function different(
  at: string,
  what: string,
  was: string | number | boolean | undefined,
  is: string | number | boolean | undefined,
  resets = false,
): Difference[] {
  return was === is ? [] : [{ text: `${at}: ${what} ${was ?? "none"} -> ${is ?? "none"}`, resets }];
}

/** Why a session goes down, and comes back; undefined where it stays up. */
function resetBy(
  was: SessionPlan,
  { a, b }: SessionPlan,
  changed: readonly Difference[],
  reflectors: readonly ReflectorChange[],
  takeOver: TakeOver | undefined,
): Omit<SessionReset, "session"> | undefined {
  const own = changed.map(({ text }) => text);
  const hub = reflectors.find(({ reflector }) => reflector === a.id);
  const again = hub === undefined ? [] : [`${a.id} is ${hub.change}`];
  const asked = [b.address, was.b.address].some((one) => takeOver?.resets.has(one) === true);
  if (changed.some(({ resets }) => resets) || asked) {
    const all = [...own, ...again];
    const why = all.length > 0 ? all : [`the daemon of ${a.id} takes the change over like that`];
    return { why, keepsRoutes: false };
  }
  if (hub === undefined) return undefined;
  return { why: again, keepsRoutes: was.a.gracefulRestart !== undefined };
}
