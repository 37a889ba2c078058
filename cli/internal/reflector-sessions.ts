import { daemonsOf } from "../../components/reflector/container";
import { previousReflectors } from "../../components/reflector/previous";
import { awaitSessions, followSessions, sessionsInput } from "../../components/reflector/sessions";
import { readInput, say } from "../../util/step";

/**
 * Ends well once every node has a session with every reflector. In later updates the mesh is off, and only those that have a
 * session have to have all. Prints which reflectors it asked.
 */
export async function run(): Promise<void> {
  const { nodes, reflectors, sessions } = await readInput(sessionsInput);
  const before = previousReflectors();
  if (before === undefined) await awaitSessions(nodes, daemonsOf(reflectors), { say, sessions });
  else await followSessions(nodes, daemonsOf(reflectors), daemonsOf(before), { say, sessions });
  process.stdout.write(`${JSON.stringify({ reflectors })}\n`);
}
