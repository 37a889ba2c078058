import { log, RunError } from "@pulumi/pulumi";
import { agreedIn, endsAt } from "../../plan/sessions";
import type { Plan, SessionPlan } from "../../plan/types";
import { messageOf } from "../../util/errors";
import { lastPlan } from "../last-plan";
import { Turns } from "../turns";
import { awaitBack, type BackOptions } from "./back";
import { daemonsOf } from "./container";
import { isOwnKind } from "./kinds";
import { halfChanged, passwordsAt } from "./rotation";
import { reachedBy } from "./sessions";

type Reaches = Parameters<typeof reachedBy>[1];

/**
 * The reflectors that we run change one after the other, by their names. Those of others change when their owners apply what is
 * rendered for them.
 * @param reaches tells how they are asked, once that is known
 * @param before tells the plan of the last update. Default: the stack's own output
 * @param patience how long sessions are waited for. Default: as {@link awaitBack} has it
 */
export function reflectorTurns(
  plan: Plan,
  reaches: () => Reaches,
  before: () => Promise<Plan | undefined> = lastPlan,
  patience: Pick<BackOptions, "timeoutMs"> = {},
): Turns {
  const own = Object.values(plan.reflectors).filter(({ kind }) => isOwnKind(kind));
  const names = own.map(({ name }) => name);
  return new Turns(names, async (reflector, { changed, followers, rekeyed }) => {
    const say = (message: string) => void log.info(message);
    try {
      const reached = reachedBy(plan, reaches());
      const behind = names.slice(names.indexOf(reflector) + 1);
      const given = changed ? rekeyed : await leftHalf(plan, reflector, behind, reached);
      if (!changed && given.size === 0) return;
      const last = await before();
      const awaits = (session: SessionPlan) => returnsAlone(last, session, followers);
      const strict = ({ password }: SessionPlan) => password !== undefined && given.has(password);
      await awaitBack(plan, reflector, daemonsOf(reached), { ...patience, say, awaits, strict });
    } catch (thrown) {
      throw new RunError(messageOf(thrown));
    }
  });
}

/** Passwords with which the last update has stopped at a reflector that has not changed in this one. */
async function leftHalf(
  plan: Plan,
  reflector: string,
  behind: readonly string[],
  reached: ReturnType<typeof reachedBy>,
): Promise<ReadonlySet<string>> {
  if (endsAt(plan.sessions, reflector).every(({ session }) => session.password === undefined))
    return new Set();
  const read = async (name: string) => {
    try {
      return [name, await passwordsAt(reached[name])] as const;
    } catch (thrown) {
      // Nothing of it has changed, and it may be away for a reason of its own.
      void log.warn(
        `${name}: nobody knows whether its passwords have changed: ${messageOf(thrown)}`,
      );
      return [name, {}] as const;
    }
  };
  const entries = await Promise.all([reflector, ...behind].map(read));
  return halfChanged(plan, reflector, behind, Object.fromEntries(entries));
}

/**
 * Whether a session comes back once its reflector has changed, and its password at both ends. Where the plan has something else
 * for its node, too, or the node gets another password only when all reflectors have it, it is not waited for.
 * @param followers names of the COEs whose nodes get another password with the reflector
 */
export function returnsAlone(
  last: Plan | undefined,
  session: SessionPlan,
  followers: ReadonlySet<string>,
): boolean {
  const old = last?.sessions[session.name];
  if (old === undefined || agreedIn(old) !== agreedIn(session)) return false;
  return session.password === undefined || followers.has(session.password);
}
