import { messageOf, SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import {
  type RouterDaemon,
  type RouterFile,
  type RouterState,
  roleText,
  sameRole,
} from "./contract";

export interface ReloadOptions {
  readonly say: (message: string) => void;
  /** Milliseconds until the daemon must have what its file says. Default: 20000. */
  readonly settleMs?: number;
  /** Milliseconds until the next neighbour is changed although the last one's session is not back. Default: 15000. */
  readonly returnMs?: number;
}

/**
 * Brings a daemon to a configuration: checked by its own parser before it is put in place, and read back after.
 * @returns what it has then, for people
 * @throws SeamlessError that says what differs when the daemon does not end up with what the file says
 */
export async function reload(
  daemon: RouterDaemon,
  next: string,
  options: ReloadOptions,
): Promise<string> {
  try {
    await daemon.check(next);
  } catch (thrown) {
    throw new SeamlessError(`${daemon.name} keeps its configuration: ${messageOf(thrown)}`);
  }
  const { kind } = daemon;
  const steps = kind.steps(await daemon.read(), next, await answers(daemon));
  for (const { text, by, returns } of steps) {
    if (by === "restart") options.say(`${daemon.name}: restarting ${kind.daemon}`);
    await daemon.write(text);
    await (by === "restart" ? daemon.restart() : daemon.hangUp());
    await settled(daemon, kind.describe(text), options.settleMs ?? 20_000);
    if (returns !== undefined) await returned(daemon, returns, options);
  }
  const { neighbors, fence } = kind.describe(next);
  return `${daemon.name}: ${Object.keys(neighbors).length} neighbours, ${fence.length} ranges accepted`;
}

/** A daemon that has just been started takes a moment to answer. */
async function answers(daemon: RouterDaemon): Promise<RouterState["neighbors"] | undefined> {
  try {
    return await waitFor({ what: `${daemon.name} to answer`, timeoutMs: 10_000 }, async () => {
      try {
        return { done: true, value: await daemon.kind.neighbors(daemon) };
      } catch (thrown) {
        return { done: false, seen: messageOf(thrown) };
      }
    });
  } catch {
    return undefined;
  }
}

async function settled(
  daemon: RouterDaemon,
  expected: RouterFile,
  timeoutMs: number,
): Promise<void> {
  const what = `${daemon.name} to have what its file says`;
  try {
    await waitFor({ what, timeoutMs, intervalMs: 100 }, async () => {
      try {
        const wrong = differences(expected, await daemon.kind.read(daemon));
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
async function returned(
  daemon: RouterDaemon,
  address: string,
  options: ReloadOptions,
): Promise<void> {
  const timeoutMs = options.returnMs ?? 15_000;
  try {
    await waitFor({ what: `the session with ${address}`, timeoutMs }, async () => {
      const neighbors = await daemon.kind.neighbors(daemon);
      return neighbors[address]?.established === true
        ? { done: true, value: undefined }
        : { done: false, seen: "not Established" };
    });
  } catch (thrown) {
    options.say(`${daemon.name}: going on: ${messageOf(thrown)}`);
  }
}

/** What the daemon has otherwise than its file. */
export function differences(expected: RouterFile, found: RouterState): string[] {
  const neighbors = Object.entries(expected.neighbors).flatMap(([address, file]) => {
    const has = found.neighbors[address];
    if (has === undefined) return [`neighbour ${address} is missing`];
    if (sameRole(file, has)) return [];
    const same = roleText(has) === roleText(file);
    return same
      ? [`neighbour ${address} has another password than planned`]
      : [`neighbour ${address} has ${roleText(has)} instead of ${roleText(file)}`];
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
