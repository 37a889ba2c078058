import { basename } from "node:path";
import { z } from "zod";
import type { Plan } from "../../plan/types";
import { anyPlanSchema, type Version1 } from "../../plan/version1";
import { dockerEnv, resolveDocker } from "../../util/docker-host";
import { messageOf, SeamlessError } from "../../util/errors";
import { describeFailure, exec } from "../../util/exec";
import type { RouterDaemon } from "./contract";
import { judgeDockerHost } from "./docker-host";
import { networkOf, readNetworks } from "./docker-networks";

/** What is looked at. */
export interface ReflectorLook extends ReflectorLookInput {
  readonly container: string;
}

/** Input of the step `reflector-look`. */
export interface ReflectorLookInput {
  /** The plan's configuration. */
  readonly planned: string;
  readonly plan: Plan;
  /** Its name in the plan. */
  readonly reflector: string;
  /** Whether it is attached to a Docker network; else it is in the host's own. */
  readonly attached: boolean;
}

/** The same as it is written: a stack's state has it, so that the plan in it stays as it was. */
export interface ReflectorLookText extends Omit<ReflectorLookInput, "plan"> {
  readonly plan: Version1;
}

export const reflectorLookInput: z.ZodType<ReflectorLookInput> = z.strictObject({
  planned: z.string(),
  plan: anyPlanSchema,
  reflector: z.string(),
  attached: z.boolean(),
});

const timeoutMs = 20_000;

/**
 * Looks at a reflector before anything is changed, and changes nothing.
 * @param daemon the one in its container
 * @returns what was seen, for people
 * @throws SeamlessError that names what stands in the way
 */
export async function lookAtReflector(look: ReflectorLook, daemon: RouterDaemon): Promise<string> {
  const { container, planned } = look;
  const { text: dockerHost } = resolveDocker({});
  const argv = [
    "docker",
    "container",
    "inspect",
    "--format",
    "{{.State.Running}} {{.Path}}",
    container,
  ];
  const found = await exec(argv, { env: dockerEnv({}), timeoutMs });
  if (found.code === 0 || /no such container/i.test(found.stderr)) await judgeHost(look);
  if (/no such container/i.test(found.stderr)) return `${container}: not there yet`;
  if (found.code !== 0)
    throw refused(
      container,
      `Docker at ${dockerHost} does not answer: ${describeFailure(argv, found)}`,
    );
  const [running, program = ""] = found.stdout.trim().split(" ");
  if (basename(program) !== daemon.kind.daemon)
    return `${container}: runs ${basename(program)}; the update replaces it`;
  try {
    await daemon.check(planned);
  } catch (thrown) {
    throw refused(
      container,
      `${daemon.kind.daemon} refuses the planned configuration: ${messageOf(thrown)}`,
    );
  }
  if (running !== "true") return `${container}: does not run; the update starts it`;
  try {
    const neighbors = Object.values(await daemon.kind.neighbors(daemon));
    const up = neighbors.filter(({ established }) => established).length;
    return `${container}: ${up} of ${neighbors.length} sessions are established`;
  } catch (thrown) {
    return `${container}: ${daemon.kind.daemon} does not answer, the update restarts it: ${messageOf(thrown)}`;
  }
}

/** @throws SeamlessError that names what of the Docker host stands in the way of the plan */
async function judgeHost({ container, plan, reflector, attached }: ReflectorLook): Promise<void> {
  const networks = await readNetworks(dockerEnv({}));
  const own = attached ? networkOf(plan.reflectors[reflector]?.address, networks) : undefined;
  const blocking = judgeDockerHost(plan, reflector, { networks }, own).filter(
    ({ level }) => level === "blocks",
  );
  if (blocking.length === 0) return;
  const lines = blocking.map(
    ({ id, found, effect, advice = "" }) => `${id}: ${found}; ${effect}; ${advice}`,
  );
  throw refused(container, lines.join("\n"));
}

function refused(container: string, why: string): SeamlessError {
  return new SeamlessError(
    `${container} cannot be changed as planned; nothing was changed: ${why}`,
  );
}
