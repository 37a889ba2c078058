/** The steps of a host: what they are given, and by what they reach it. */
import { readInput, say } from "../../util/step";
import { type RemoteHost, remoteHost } from "../ask/host";
import { takePasswords } from "../reflector/passwords";
import { refuseBlocking } from "../speakers/calico/inspect/finding";
import { applyToHost, removeFromHost } from "./apply";
import { hostFindings } from "./findings";
import { type HostInput, hostInput, keyVariable } from "./input";
import { lookAtHost } from "./look";

/** The host that a step is about. The key comes by the environment, which programs of the step do not inherit. */
export function hostOfStep(
  { name, shell }: Pick<HostInput, "name" | "shell">,
  environment: NodeJS.ProcessEnv = process.env,
): RemoteHost {
  const { [keyVariable]: key } = environment;
  delete environment[keyVariable];
  return remoteHost(name, shell.via === "ssh" && key ? { ...shell, key } : shell);
}

/** Looks at a host before anything is changed, and fails with what stands in the way. */
export async function lookStep(): Promise<void> {
  const input = await readInput(hostInput);
  const seen = await lookAtHost(hostOfStep(input));
  const findings = hostFindings(input, seen);
  refuseBlocking(input.name, findings);
  for (const { id, found, effect } of findings) say(`${input.name}: ${id}: ${found}: ${effect}`);
  process.stdout.write(`${input.name}: ${seen.title}\n`);
}

/** Brings a host to the plan. */
export async function applyStep(): Promise<void> {
  const input = await readInput(hostInput);
  const passwords = takePasswords();
  const result = await applyToHost(hostOfStep(input), input, { passwords, say });
  process.stdout.write(`${result}\n`);
}

/** Takes all of it away again. */
export async function removeStep(): Promise<void> {
  const input = await readInput(hostInput);
  await removeFromHost(hostOfStep(input), input, say);
}
