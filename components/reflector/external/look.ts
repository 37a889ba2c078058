import { z } from "zod";
import { anyPlanSchema } from "../../../plan/version1";
import { messageOf, SeamlessError } from "../../../util/errors";
import { daemonAt } from "../../ask/shell";
import { routerAsk } from "../kinds";
import { missingAt } from "./needed";

/** Input of the step `router-look`. */
export const routerLookInput = z.strictObject({
  plan: anyPlanSchema,
  /** Its name in the plan. */
  reflector: z.string(),
  /** How it is asked; absent where nobody asks it. */
  read: z.strictObject({ program: z.string(), argv: z.array(z.string()) }).exactOptional(),
});

const howTo = "apply what `bin/seamless render external` prints to it";

/**
 * Looks whether a router that we do not run has the plan's configuration, which its owner gives it; changes nothing.
 * @returns what was seen, for people
 * @throws SeamlessError that names what it has not
 */
export async function lookAtRouter({
  plan,
  reflector,
  read,
}: z.infer<typeof routerLookInput>): Promise<string> {
  const planned = plan.reflectors[reflector];
  if (planned === undefined) throw new SeamlessError(`${reflector}: it is not in the plan`);
  if (read === undefined)
    return `${reflector}: nobody asks it (reflectors.${reflector}.read); before the COEs move, ${howTo}`;
  const ask = routerAsk(read.program);
  const daemon = daemonAt(ask.client, { via: "command", ...read }, reflector);
  const state = await ask.read(daemon).catch((thrown: unknown) => {
    throw new SeamlessError(
      `${reflector} does not answer; nothing was changed: ${read.argv[0]}: ${messageOf(thrown)}`,
    );
  });
  const missing = missingAt(plan, planned, state);
  if (missing.length > 0)
    throw new SeamlessError(
      `${reflector} is not as the plan needs it; nothing was changed: ${missing.join("; ")}; ${howTo}, and run pulumi up again`,
    );
  const neighbors = Object.keys(state.neighbors).length;
  return `${reflector}: has all that the plan needs, with ${neighbors} neighbours`;
}
