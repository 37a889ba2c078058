import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import { parseGobgp, withoutNeighbors } from "./toml";

/** How one running gobgpd is handled, wherever it runs. */
export interface Gobgpd {
  /** For messages. */
  readonly name: string;
  /** The file it was last told to read, or undefined when there is none. */
  read(): Promise<string | undefined>;
  /** Has the daemon's own parser judge a file (`gobgpd -d`). @throws Error with what it says */
  check(text: string): Promise<void>;
  write(text: string): Promise<void>;
  /** SIGHUP: read the file again. */
  hangUp(): Promise<void>;
  restart(): Promise<void>;
  /** AS by address, as the daemon has them (`gobgp -j neighbor`). @throws Error when it does not answer */
  neighbors(): Promise<Readonly<Record<string, number>>>;
}

export type ReloadStep = { readonly text: string; readonly by: "hangUp" | "restart" };

/**
 * The files to go through from one configuration to another.
 *
 * A reload of GoBGP (up to 4.8 at least) applies all added and all removed neighbours, but of those that are changed
 * only the first, and notes the rest as done; and some changes of a neighbour, route-reflector among them, it does not
 * apply at all. So a changed neighbour is taken away by one reload and comes back by the next; its session would have
 * been reset anyhow. A changed AS or router-id is ignored by a reload and needs a restart.
 */
export function reloadSteps(current: string | undefined, next: string): ReloadStep[] {
  if (current === undefined) return [{ text: next, by: "restart" }];
  const [before, after] = [parseGobgp(current), parseGobgp(next)];
  if (before.identity !== after.identity) return [{ text: next, by: "restart" }];
  if (current === next) return [];
  const changed = Object.entries(after.neighbors).filter(([address, neighbor]) => {
    const old = before.neighbors[address];
    return old !== undefined && old.text !== neighbor.text;
  });
  const last: ReloadStep = { text: next, by: "hangUp" };
  if (changed.length === 0) return [last];
  const addresses = new Set(changed.map(([address]) => address));
  return [{ text: withoutNeighbors(next, addresses), by: "hangUp" }, last];
}

const settleMs = 20_000;

/**
 * Brings a gobgpd to a configuration: checked by its own parser before it is put in place, and read back after.
 * @returns what was done, for people
 * @throws SeamlessError that says what differs when the daemon does not end up with the neighbours of the file
 */
export async function reload(daemon: Gobgpd, next: string): Promise<string> {
  await daemon.check(next);
  const steps = reloadSteps(await daemon.read(), next);
  for (const step of steps) {
    await daemon.write(step.text);
    await (step.by === "restart" ? daemon.restart() : daemon.hangUp());
    await settled(daemon, step.text);
  }
  if (steps.length === 0) await settled(daemon, next);
  const count = Object.keys(parseGobgp(next).neighbors).length;
  return `${daemon.name}: ${count} neighbours`;
}

async function settled(daemon: Gobgpd, text: string): Promise<void> {
  const expected = parseGobgp(text).neighbors;
  try {
    await waitFor(
      { what: `${daemon.name} to have the neighbours of its file`, timeoutMs: settleMs },
      async () => {
        const found = await daemon.neighbors().catch((error: Error) => error);
        if (found instanceof Error) return { done: false, seen: found.message };
        const wrong = differences(expected, found);
        return wrong.length === 0
          ? { done: true, value: undefined }
          : { done: false, seen: wrong.join(", ") };
      },
    );
  } catch (error) {
    const hint = "its log says more: docker logs";
    if (error instanceof SeamlessError)
      throw new SeamlessError(`${error.message}; ${hint} ${daemon.name}`);
    throw error;
  }
}

/** What the daemon has otherwise than the file. */
export function differences(
  expected: Readonly<Record<string, { readonly asn: number }>>,
  found: Readonly<Record<string, number>>,
): string[] {
  const missing = Object.entries(expected).flatMap(([address, { asn }]) => {
    const has = found[address];
    if (has === undefined) return [`${address} is missing`];
    return has === asn ? [] : [`${address} has AS ${has} instead of ${asn}`];
  });
  const extra = Object.keys(found).filter((address) => expected[address] === undefined);
  return [...missing, ...extra.map((address) => `${address} is not planned`)];
}
