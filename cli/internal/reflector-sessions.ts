import { containerGobgpd } from "../../components/reflector/container";
import { awaitSessions, sessionsInput } from "../../components/reflector/sessions";
import { readInput, say } from "./input";

/** Ends well once every node has a session with every reflector. */
export async function run(): Promise<void> {
  const { nodes, reflectors } = await readInput(sessionsInput);
  const daemons = Object.entries(reflectors).map(
    ([name, { container, ...access }]) => [name, containerGobgpd(access, container)] as const,
  );
  await awaitSessions(nodes, Object.fromEntries(daemons), { say });
}
