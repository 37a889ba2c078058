import { performance } from "node:perf_hooks";
import { endsAt } from "../../plan/sessions";
import type { Plan, SessionPlan } from "../../plan/types";
import { messageOf, SeamlessError } from "../../util/errors";
import { familyOf } from "../../util/net";
import { waitFor } from "../../util/wait";
import type { Exchange } from "../ask/router";
import type { Askable } from "./contract";

export interface BackOptions {
  /** Milliseconds. Default: 180000, twice the longest time between two tries of a node. */
  readonly timeoutMs?: number;
  readonly say: (message: string) => void;
  /** Whether a session can come back by now. Default: each can. */
  readonly awaits?: (session: SessionPlan) => boolean;
  /** Whether nothing more may change before a session is back. Default: so it is with each. */
  readonly strict?: (session: SessionPlan) => boolean;
  /** Milliseconds until the others are given up. Default: 60000. */
  readonly patienceMs?: number;
}

/**
 * Waits until every node that has a session with another reflector has one with this, and both ends of it have sent all they
 * had to say: then another reflector may change without anybody being left without routes. A node that is away holds up nobody.
 *
 * A session with another password stops the update where it stays away, for the next reflector is about to get that, too. Any other
 * may have been down before: the update goes on without it after a while.
 * @param daemons by name, those that can be asked
 * @throws SeamlessError that names the sessions that are not back
 */
export async function awaitBack(
  plan: Plan,
  reflector: string,
  daemons: Readonly<Record<string, Askable>>,
  options: BackOptions,
): Promise<void> {
  const { timeoutMs = 180_000, patienceMs = 60_000, say } = options;
  const { awaits = () => true, strict = () => true } = options;
  const { [reflector]: daemon, ...others } = daemons;
  if (daemon === undefined) return;
  const what = `the sessions with ${reflector} before the next reflector changes`;
  const start = performance.now();
  let last = "";
  try {
    await waitFor({ what, timeoutMs, intervalMs: 500, onWait: say }, async () => {
      const up = await upWith(plan, others);
      const found = await exchange(daemon).catch((error: unknown) => messageOf(error));
      if (typeof found === "string") return { done: false, seen: found };
      const awaited = endsAt(plan.sessions, reflector).filter(
        ({ session, far }) => awaits(session) && up.has(keyOf(far)),
      );
      const missing = awaited.flatMap(({ session, far }) => {
        const lack = lackOf(found[far.address]);
        return lack === undefined ? [] : [{ session, text: `${far.id} ${lack}` }];
      });
      // Where a daemon does not tell the end, nothing more comes from one look to the next.
      const now = JSON.stringify(awaited.map(({ far }) => found[far.address]?.sent));
      const calm = now === last;
      last = now;
      const seen = missing.map(({ text }) => text).join(", ");
      const impatient = performance.now() - start >= patienceMs;
      if (missing.length > 0 && impatient && !missing.some(({ session }) => strict(session))) {
        say(`${reflector}: going on without: ${seen}`);
        return { done: true, value: undefined };
      }
      if (missing.length > 0) return { done: false, seen };
      return calm ? { done: true, value: undefined } : { done: false, seen: "routes still come" };
    });
  } catch (thrown) {
    throw new SeamlessError(
      `${messageOf(thrown)}; the other reflectors are not changed, so that nodes keep their routes; see that these nodes have a session with ${reflector} (bin/seamless status), then run: pulumi up`,
    );
  }
}

const keyOf = ({ id, address }: { readonly id: string; readonly address: string }) =>
  `${id} ${familyOf(address)}`;

/** Nodes that have a session with one of some reflectors; those of a reflector that does not answer are not known. */
async function upWith(
  plan: Plan,
  daemons: Readonly<Record<string, Askable>>,
): Promise<ReadonlySet<string>> {
  const up = new Set<string>();
  for (const [name, daemon] of Object.entries(daemons)) {
    const found = await exchange(daemon).catch(() => ({}) as Record<string, Exchange>);
    for (const { far } of endsAt(plan.sessions, name))
      if (found[far.address]?.established === true) up.add(keyOf(far));
  }
  return up;
}

async function exchange(daemon: Askable): Promise<Readonly<Record<string, Exchange>>> {
  if (daemon.kind.exchange !== undefined) return daemon.kind.exchange(daemon);
  const neighbors = await daemon.kind.neighbors(daemon);
  return Object.fromEntries(
    Object.entries(neighbors).map(([address, { established }]) => [address, { established }]),
  );
}

/** What a session has not got yet; undefined where it is complete. */
function lackOf(found: Exchange | undefined): string | undefined {
  if (found?.established !== true) return "is not Established";
  return found.endOfRib === false ? "has not sent its End-of-RIB" : undefined;
}
