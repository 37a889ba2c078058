import { type ChangeStep, foundFile, type RouterState, sameGuards, sameRole } from "../contract";
import { filesBetween, parseGobgp } from "./toml";

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
  running: RouterState["neighbors"] | undefined,
): Generator<ChangeStep, void, undefined> {
  const restart: ChangeStep = { text: next, by: "restart" };
  const [before, after] = [foundFile({ describe: parseGobgp }, current), parseGobgp(next)];
  const known = current !== undefined && before !== undefined && running !== undefined;
  if (!known || before.identity !== after.identity) {
    yield restart;
    return;
  }
  const changed = Object.entries(after.neighbors).flatMap(([address, neighbor]) => {
    const old = before.neighbors[address];
    const has = running[address];
    if (old === undefined) return [];
    const stale = has !== undefined && !sameRole(old, has);
    if (old.text === neighbor.text && !stale) return [];
    const gently = !stale && old.lasting === neighbor.lasting;
    const keyed = [old, has].some((one) => one !== undefined && !sameGuards(one, neighbor));
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

function reloaded(text: string): ChangeStep {
  return { text, by: "hangUp" };
}
