import { type ChangeStep, foundFile, type RouterState, sameGuards } from "../contract";
import { describeFrr, joined, parseFile } from "./file";

/**
 * The files to go through from one configuration to another. Commands change one thing at a time, so that nobody else's
 * session is touched; neighbours whose sessions are reset go one after the other, so that not all nodes are without a session
 * at once. Who the router is cannot be changed without a reset of all of them, hence the restart: nodes keep their routes
 * meanwhile.
 *
 * Neighbours with another password are changed together: their sessions return only when their nodes have it, too, which
 * is a later step of the update.
 */
export function* frrSteps(
  current: string | undefined,
  next: string,
  running: RouterState["neighbors"] | undefined,
): Generator<ChangeStep, void, undefined> {
  const [before, after] = [foundFile({ describe: describeFrr }, current), describeFrr(next)];
  const known = current !== undefined && before !== undefined && running !== undefined;
  if (!known || before.identity !== after.identity) {
    yield { text: next, by: "restart" };
    return;
  }
  const changed = Object.entries(after.neighbors).flatMap(([address, neighbor]) => {
    const old = before.neighbors[address];
    const reset =
      old !== undefined && old.lasting !== neighbor.lasting && sameGuards(old, neighbor);
    return reset ? [address] : [];
  });
  const waiting = new Set(changed);
  yield { text: withBlocks(next, current, waiting), by: "hangUp" };
  for (const address of changed) {
    waiting.delete(address);
    const step: ChangeStep = { text: withBlocks(next, current, waiting), by: "hangUp" };
    yield running[address]?.established === true ? { ...step, returns: address } : step;
  }
}

/** All of a file, but with some neighbours as another has them. */
function withBlocks(next: string, current: string, waiting: ReadonlySet<string>): string {
  if (waiting.size === 0) return next;
  const old = new Map(parseFile(current).blocks.map((one) => [one.address, one]));
  const { head, blocks } = parseFile(next);
  return joined({
    head,
    blocks: blocks.map((block) =>
      waiting.has(block.address) ? (old.get(block.address) ?? block) : block,
    ),
  });
}
