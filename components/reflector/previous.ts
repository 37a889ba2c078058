import { type SessionsInput, sessionsResult } from "./sessions";

/**
 * The reflectors that the run before this one asked. Undefined in the first run, and where the run before did not say:
 * nothing is known of the mesh then, and it must not go off before all sessions are there.
 * @param printed what the run before printed; in the first run, some versions of the provider give an empty text
 */
export function previousReflectors(
  printed = process.env.PULUMI_COMMAND_STDOUT,
): SessionsInput["reflectors"] | undefined {
  try {
    return sessionsResult.parse(JSON.parse(printed ?? "")).reflectors;
  } catch {
    return undefined;
  }
}
