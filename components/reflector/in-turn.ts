import { log, RunError } from "@pulumi/pulumi";
import { agreedIn } from "../../plan/sessions";
import type { Plan, SessionPlan } from "../../plan/types";
import { messageOf } from "../../util/errors";
import { lastPlan } from "../last-plan";
import { Turns } from "../turns";
import { awaitBack } from "./back";
import { daemonsOf } from "./container";
import { isOwnKind } from "./kinds";
import { reachedBy } from "./sessions";

type Reaches = Parameters<typeof reachedBy>[1];

/**
 * The reflectors that we run change one after the other, by their names. Those of others change when their owners apply what is
 * rendered for them.
 * @param reaches tells how they are asked, once that is known
 * @param before tells the plan of the last update. Default: the stack's own output
 */
export function reflectorTurns(
  plan: Plan,
  reaches: () => Reaches,
  before: () => Promise<Plan | undefined> = lastPlan,
): Turns {
  const own = Object.values(plan.reflectors).filter(({ kind }) => isOwnKind(kind));
  return new Turns(
    own.map(({ name }) => name),
    async (reflector, { followers, rekeyed }) => {
      const say = (message: string) => void log.info(message);
      try {
        const last = await before();
        const awaits = (session: SessionPlan) => returnsAlone(last, session, followers);
        const strict = ({ password }: SessionPlan) =>
          password !== undefined && rekeyed.has(password);
        const daemons = daemonsOf(reachedBy(plan, reaches()));
        await awaitBack(plan, reflector, daemons, { say, awaits, strict });
      } catch (thrown) {
        throw new RunError(messageOf(thrown));
      }
    },
  );
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
