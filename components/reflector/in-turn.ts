import { log, RunError } from "@pulumi/pulumi";
import type { Plan } from "../../plan/types";
import { messageOf } from "../../util/errors";
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
 */
export function reflectorTurns(plan: Plan, reaches: () => Reaches): Turns {
  const own = Object.values(plan.reflectors).filter(({ kind }) => isOwnKind(kind));
  return new Turns(
    own.map(({ name }) => name),
    async (reflector) => {
      const say = (message: string) => void log.info(message);
      try {
        await awaitBack(plan, reflector, daemonsOf(reachedBy(plan, reaches())), { say });
      } catch (thrown) {
        throw new RunError(messageOf(thrown));
      }
    },
  );
}
