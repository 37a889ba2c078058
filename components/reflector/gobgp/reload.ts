import { messageOf, SeamlessError } from "../../../util/errors";
import { waitFor } from "../../../util/wait";
import { type Askable, type GobgpState, type NeighborState, readState } from "./state";
import { filesBetween, foundGobgp, type GobgpFile, parseGobgp } from "./toml";

/** How one gobgpd is handled, wherever it runs. */
export interface Gobgpd extends Askable {
  /** For messages. */
  readonly name: string;
  /** The file it was last told to read, or undefined when there is none. */
  read(): Promise<string | undefined>;
  /** Has GoBGP's own parser judge a file (`gobgpd -d`). @throws Error with what it says */
  check(text: string): Promise<void>;
  write(text: string): Promise<void>;
  /** SIGHUP: read the file again. */
  hangUp(): Promise<void>;
  restart(): Promise<void>;
}

export interface ReloadStep {
  readonly text: string;
  readonly by: "hangUp" | "restart";
  /** The neighbour whose session has to come back before the next one is touched. */
  readonly returns?: string;
}

/**
 * The files to go through from one configuration to another, each made when it is asked for: with n changed neighbours
 * there are up to 2n of them, and each is as long as the file.
 *
 * A reload of GoBGP (up to 4.8 at least) applies all added and all removed neighbours, but of those that are changed
 * only the first, and notes the rest as done. Of a change it takes timers over as they are, but some others, among
 * them the role of a reflector client, not at all. So changed neighbours go one at a time, and one that is changed in
 * more than its timers is taken away by one reload and comes back by the next.
 * A changed AS or router-id is ignored by a reload and needs a restart.
 *
 * Neighbours with another password go and come back together: their sessions return only when their nodes have it, too,
 * which is a later step of the update.
 *
 * There is always a last step, even from a file to itself: an earlier run may have ended before the daemon was told.
 * @param running what the daemon has; undefined when it does not answer
 */
export function* reloadSteps(
  current: string | undefined,
  next: string,
  running: GobgpState["neighbors"] | undefined,
): Generator<ReloadStep, void, undefined> {
  const restart: ReloadStep = { text: next, by: "restart" };
  const [before, after] = [foundGobgp(current), parseGobgp(next)];
  const known = current !== undefined && before !== undefined && running !== undefined;
  if (!known || before.identity !== after.identity) {
    yield restart;
    return;
  }
  const changed = Object.entries(after.neighbors).flatMap(([address, neighbor]) => {
    const old = before.neighbors[address];
    const has = running[address];
    if (old === undefined) return [];
    const stale = has !== undefined && !agrees(old, has);
    if (old.text === neighbor.text && !stale) return [];
    const gently = !stale && old.lasting === neighbor.lasting;
    const keyed = [old, has].some((one) => one !== undefined && one.password !== neighbor.password);
    return [{ address, gently, keyed }];
  });
  const waiting = new Set(changed.map(({ address }) => address));
  const between = filesBetween(current, next);
  // The file of the plan to the letter in the end, whatever its copies were written like.
  const reached = () => reloaded(waiting.size === 0 ? next : between(waiting));
  yield reached();
  const keyed = new Set(changed.flatMap((one) => (one.keyed ? [one.address] : [])));
  if (keyed.size > 0) {
    yield reloaded(between(waiting, keyed));
    for (const address of keyed) waiting.delete(address);
    yield reached();
  }
  for (const { address, gently } of changed) {
    if (keyed.has(address)) continue;
    if (!gently) yield reloaded(between(waiting, new Set([address])));
    waiting.delete(address);
    const back = !gently && running[address]?.established === true;
    yield back ? { ...reached(), returns: address } : reached();
  }
}

function reloaded(text: string): ReloadStep {
  return { text, by: "hangUp" };
}

export interface ReloadOptions {
  readonly say: (message: string) => void;
  /** Milliseconds until the daemon must have what its file says. Default: 20000. */
  readonly settleMs?: number;
  /** Milliseconds until the next neighbour is changed although the last one's session is not back. Default: 15000. */
  readonly returnMs?: number;
}

/**
 * Brings a gobgpd to a configuration: checked by its own parser before it is put in place, and read back after.
 * @returns what it has then, for people
 * @throws SeamlessError that says what differs when the daemon does not end up with what the file says
 */
export async function reload(
  daemon: Gobgpd,
  next: string,
  options: ReloadOptions,
): Promise<string> {
  try {
    await daemon.check(next);
  } catch (thrown) {
    throw new SeamlessError(`${daemon.name} keeps its configuration: ${messageOf(thrown)}`);
  }
  const steps = reloadSteps(await daemon.read(), next, await answers(daemon));
  for (const { text, by, returns } of steps) {
    if (by === "restart") options.say(`${daemon.name}: restarting gobgpd`);
    await daemon.write(text);
    await (by === "restart" ? daemon.restart() : daemon.hangUp());
    await settled(daemon, parseGobgp(text), options.settleMs ?? 20_000);
    if (returns !== undefined) await returned(daemon, returns, options);
  }
  const { neighbors, fence } = parseGobgp(next);
  return `${daemon.name}: ${Object.keys(neighbors).length} neighbours, ${fence.length} ranges accepted`;
}

/** A daemon that has just been started takes a moment to answer. */
async function answers(daemon: Gobgpd): Promise<GobgpState["neighbors"] | undefined> {
  try {
    return await waitFor({ what: `${daemon.name} to answer`, timeoutMs: 10_000 }, async () => {
      try {
        return { done: true, value: (await readState(daemon)).neighbors };
      } catch (thrown) {
        return { done: false, seen: messageOf(thrown) };
      }
    });
  } catch {
    return undefined;
  }
}

async function settled(daemon: Gobgpd, expected: GobgpFile, timeoutMs: number): Promise<void> {
  const what = `${daemon.name} to have what its file says`;
  try {
    await waitFor({ what, timeoutMs, intervalMs: 100 }, async () => {
      try {
        const wrong = differences(expected, await readState(daemon));
        if (wrong.length === 0) return { done: true, value: undefined };
        return { done: false, seen: wrong.join("; ") };
      } catch (thrown) {
        return { done: false, seen: messageOf(thrown) };
      }
    });
  } catch (thrown) {
    throw new SeamlessError(`${messageOf(thrown)}; docker logs ${daemon.name} says more`);
  }
}

/** So that not all nodes are without a session at once. A node that stays away does not hold up the others. */
async function returned(daemon: Gobgpd, address: string, options: ReloadOptions): Promise<void> {
  const timeoutMs = options.returnMs ?? 15_000;
  try {
    await waitFor({ what: `the session with ${address}`, timeoutMs }, async () => {
      const { neighbors } = await readState(daemon);
      return neighbors[address]?.established === true
        ? { done: true, value: undefined }
        : { done: false, seen: "not Established" };
    });
  } catch (thrown) {
    options.say(`${daemon.name}: going on: ${messageOf(thrown)}`);
  }
}

type Role = Pick<NeighborState, "asn" | "clusterId" | "replacePeerAs" | "password">;

function agrees(file: Role, has: Role): boolean {
  return role(file) === role(has) && file.password === has.password;
}

/** What the daemon has otherwise than its file. */
export function differences(expected: GobgpFile, found: GobgpState): string[] {
  const neighbors = Object.entries(expected.neighbors).flatMap(([address, file]) => {
    const has = found.neighbors[address];
    if (has === undefined) return [`neighbour ${address} is missing`];
    if (agrees(file, has)) return [];
    const same = role(has) === role(file);
    return same
      ? [`neighbour ${address} has another password than planned`]
      : [`neighbour ${address} has ${role(has)} instead of ${role(file)}`];
  });
  const extra = Object.keys(found.neighbors)
    .filter((address) => expected.neighbors[address] === undefined)
    .map((address) => `neighbour ${address} is not planned`);
  const [planned, accepted] = [new Set(expected.fence), new Set(found.fence)];
  const closed = expected.fence
    .filter((line) => !accepted.has(line))
    .map((line) => `not accepted ${line}`);
  const open = found.fence
    .filter((line) => !planned.has(line))
    .map((line) => `accepted but not planned ${line}`);
  return [...neighbors, ...extra, ...closed, ...open];
}

function role({ asn, clusterId, replacePeerAs, password }: Role): string {
  return [
    `AS ${asn}`,
    ...(clusterId === undefined ? [] : [`cluster-id ${clusterId}`]),
    ...(replacePeerAs === true ? ["its AS replaced"] : []),
    ...(password === undefined ? [] : ["a password"]),
  ].join(", ");
}
