import { dockerEnv, resolveDocker } from "../../util/docker-host";
import { messageOf, SeamlessError } from "../../util/errors";
import { describeFailure, exec } from "../../util/exec";
import type { Gobgpd } from "./reload";
import { readNeighbors } from "./state";

/** What is looked at. */
export interface ReflectorLook {
  readonly container: string;
  /** The plan's configuration. */
  readonly planned: string;
}

const timeoutMs = 20_000;

/**
 * Looks at a reflector before anything is changed, and changes nothing.
 * @param daemon its gobgpd
 * @returns what was seen, for people
 * @throws SeamlessError that names what stands in the way
 */
export async function lookAtReflector(
  { container, planned }: ReflectorLook,
  daemon: Gobgpd,
): Promise<string> {
  const { text: dockerHost } = resolveDocker({});
  const argv = ["docker", "container", "inspect", "--format", "{{.State.Running}}", container];
  const found = await exec(argv, { env: dockerEnv({}), timeoutMs });
  if (/no such container/i.test(found.stderr)) return `${container}: not there yet`;
  if (found.code !== 0)
    throw refused(
      container,
      `Docker at ${dockerHost} does not answer: ${describeFailure(argv, found)}`,
    );
  try {
    await daemon.check(planned);
  } catch (thrown) {
    throw refused(container, `gobgpd refuses the planned configuration: ${messageOf(thrown)}`);
  }
  if (found.stdout.trim() !== "true") return `${container}: does not run; the update starts it`;
  try {
    const neighbors = Object.values(await readNeighbors(daemon));
    const up = neighbors.filter(({ established }) => established).length;
    return `${container}: ${up} of ${neighbors.length} sessions are established`;
  } catch (thrown) {
    return `${container}: gobgpd does not answer, the update restarts it: ${messageOf(thrown)}`;
  }
}

function refused(container: string, why: string): SeamlessError {
  return new SeamlessError(
    `${container} cannot be changed as planned; nothing was changed: ${why}`,
  );
}
