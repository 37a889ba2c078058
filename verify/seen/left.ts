import { runProgram } from "../../components/ask/program";
import { answer, parsed } from "../../components/ask/shell";
import type { Answer, LeftBehind } from "../../components/ask/types";
import type { Access, ReflectorShell } from "../../plan/access";
import type { CoePlan, Plan } from "../../plan/types";
import { dockerEnv } from "../../util/docker-host";
import { messageOf } from "../../util/errors";
import { each, type Needed, type Probes } from "./each";

/**
 * Asks COEs what a stack that is gone has left in them.
 * @param printed what the stack's steps printed, by the names of their resources
 */
export function collectLeft(
  plan: Plan,
  coes: readonly CoePlan[],
  probes: Probes,
  printed: Readonly<Record<string, string>> = {},
  needed: Needed,
): Promise<Record<string, Answer<LeftBehind>>> {
  const asked = coes.flatMap(({ name }) => {
    const probe = probes[name];
    return probe === undefined || !needed.has(`left/${name}`) ? [] : [[name, probe] as const];
  });
  return each(asked, ([name, probe]) => {
    const own = Object.entries(printed)
      .filter(([resource]) => resource.startsWith(`${name}-`))
      .map(([resource, text]) => [resource.slice(name.length + 1), text]);
    return probe.left(plan, Object.fromEntries(own));
  });
}

/** Asks the Docker hosts of reflectors for containers and volumes of their names. */
export function collectDaemons(
  access: Access,
  needed: Needed,
): Promise<Record<string, Answer<readonly string[]>>> {
  const wanted = Object.entries(access.reflectors).filter(([name]) =>
    needed.has(`daemons/${name}`),
  );
  return each(wanted, ([name, shell]) => ofReflector(name, shell));
}

const timeoutMs = 15_000;

async function ofReflector(
  name: string,
  shell: ReflectorShell,
): Promise<Answer<readonly string[]>> {
  if (shell.via !== "docker")
    return { ok: false, asked: name, error: "it is in no container of the stack", unasked: true };
  const { container } = shell;
  const docker = async (what: string, args: readonly string[]): Promise<Answer<string[]>> => {
    const asked = `${name}: docker ${args.join(" ")}`;
    try {
      const result = await runProgram("docker", args, { env: dockerEnv(shell), timeoutMs });
      // Whatever a daemon refuses to list says nothing of what it has.
      const said = answer(asked, result, undefined, () => false);
      return parsed(said, (text) =>
        text
          .split("\n")
          .filter((found) => found === container || found === `${container}-config`)
          .map((found) => `${what} ${found}`),
      );
    } catch (thrown) {
      return { ok: false, asked, error: messageOf(thrown), unasked: true };
    }
  };
  const filter = ["--filter", `name=${container}`, "--format"];
  const containers = await docker("container", ["ps", "--all", ...filter, "{{.Names}}"]);
  if (!containers.ok) return containers;
  const volumes = await docker("volume", ["volume", "ls", ...filter, "{{.Name}}"]);
  if (!volumes.ok) return volumes;
  return { ...volumes, value: [...containers.value, ...volumes.value] };
}
