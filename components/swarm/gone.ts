import { exitCode, SeamlessError } from "../../util/errors";
import { say } from "../../util/step";

/** Removes something; a host that cannot be reached is taken to be gone with what was on it. */
export async function unlessGone(what: string, remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (thrown) {
    if (!(thrown instanceof SeamlessError) || thrown.code !== exitCode.nothingToCheck) throw thrown;
    say(`${what}: left as it is, if it is still there: ${thrown.message}`);
  }
}
