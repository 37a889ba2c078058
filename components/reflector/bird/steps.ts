import { type ChangeStep, foundFile, type RouterFile, type RouterState } from "../contract";
import { parseBird, parseFile } from "./conf";

/**
 * The files to go through from one configuration to another. BIRD takes a whole file at once, and resets the sessions of
 * just those neighbours that are changed; these go one at a time, so that not all nodes are without a session at once.
 * Filters are taken over while sessions are up. Another address, AS or router id of its own resets all of them, hence the
 * restart: nodes keep their routes meanwhile.
 *
 * Neighbours with another password are changed together: their sessions return only when their nodes have it, too, which
 * is a later step of the update.
 */
export function* birdSteps(
  current: string | undefined,
  next: string,
  running: RouterState["neighbors"] | undefined,
): Generator<ChangeStep, void, undefined> {
  const [before, after] = [foundFile({ describe: parseBird }, current), parseBird(next)];
  const known = current !== undefined && before !== undefined && running !== undefined;
  if (!known || !sameIdentity(before, after)) {
    yield { text: next, by: "restart" };
    return;
  }
  const changed = Object.entries(after.neighbors).flatMap(([address, { text, lasting }]) => {
    const old = before.neighbors[address];
    if (old === undefined || old.text === text) return [];
    const keyed = guardsIn(old.text) !== guardsIn(text);
    return [{ address, gently: old.lasting === lasting, keyed }];
  });
  const oneByOne = changed.filter(({ keyed }) => !keyed);
  const waiting = new Set(oneByOne.map(({ address }) => address));
  yield { text: withBlocks(next, current, waiting), by: "hangUp" };
  for (const { address, gently } of oneByOne) {
    waiting.delete(address);
    const step: ChangeStep = { text: withBlocks(next, current, waiting), by: "hangUp" };
    yield !gently && running[address]?.established === true ? { ...step, returns: address } : step;
  }
}

function sameIdentity(before: RouterFile, after: RouterFile): boolean {
  const none = [before, after].some(({ neighbors }) => Object.keys(neighbors).length === 0);
  // A file without neighbours does not say what the daemon's own address and AS are.
  const [old = "", ...own] = before.identity.split("\n");
  const [id = "", ...others] = after.identity.split("\n");
  return old === id && (none || own.join() === others.join());
}

/** What both ends have to have: a password, TTL security. */
function guardsIn(protocol: string): string {
  return (protocol.match(/^ {2}(password|ttl security) .*$/gm) ?? []).join("\n");
}

/** All of a file, but with some neighbours and their filters as another has them. */
function withBlocks(next: string, current: string, waiting: ReadonlySet<string>): string {
  const old = new Map(parseFile(current).blocks.map((one) => [one.address, one]));
  return parseFile(next).blocks.reduce((text, block) => {
    const before = waiting.has(block.address) ? old.get(block.address) : undefined;
    return before === undefined
      ? text
      : text
          .replace(block.rules, () => before.rules)
          .replace(block.protocol, () => before.protocol);
  }, next);
}
