import { ask, askedAs, askRouter } from "../components/ask/shell";
import type { Answer } from "../components/ask/types";
import type { KindProbe } from "../components/contract/probe";
import type { ReflectorShell, Shell } from "../plan/access";
import type { CoePlan } from "../plan/types";
import { dockerEnv } from "../util/docker-host";
import { messageOf } from "../util/errors";
import { describeFailure } from "../util/exec";
import { execTool } from "../util/tool";
import type { StackOutputs } from "../verify/outputs";
import type { RouterKinds } from "../verify/seen/reflectors";
import type { Line } from "./types";

/** Who can be asked about COEs, by name. */
type Probes = Readonly<Record<string, Pick<KindProbe, "nodes" | "onNode">>>;

/** Whether everybody of a stack can be reached, and which versions are there; nothing of what they do is judged. */
export async function stackLines(
  { plan, access }: StackOutputs,
  probes: Probes,
  routerOf: RouterKinds,
): Promise<Line[]> {
  const reflectors = Object.entries(access.reflectors).map(
    async ([name, shell]): Promise<Line[]> => {
      const { client, tables } = routerOf(askedAs(shell, plan.reflectors[name]?.kind));
      const answer = await askRouter(client, shell, name, tables.neighbours.args);
      return [lineOf(`reflector/${name}`, answer, () => "its daemon answers", hostAdvice(shell))];
    },
  );
  const coes = Object.values(plan.coes).filter(({ deployed }) => deployed);
  const nodeLines = async (coe: CoePlan): Promise<Line[]> =>
    Promise.all(
      Object.values(coe.nodes).map(async ({ id, name }) => {
        const shell = access.coes[coe.name]?.nodes[name];
        if (shell === undefined) return noShell(id);
        const probe = probes[coe.name];
        const viaCoe = probe?.onNode?.bind(probe, name);
        const answer = await ask(shell, id, ["uname", "-r"], viaCoe);
        return lineOf(`host/${id}`, answer, (said) => `Linux ${said.trim()}`, hostAdvice(shell));
      }),
    );
  const asked = coes.map(async (coe): Promise<Line[]> => {
    const [own, nodes] = await Promise.all([coeLine(coe, probes[coe.name]), nodeLines(coe)]);
    return [own, ...nodes];
  });
  const shells = [
    ...Object.values(access.reflectors),
    ...Object.values(access.coes).flatMap(({ nodes }) => Object.values(nodes)),
  ];
  const daemons = await Promise.all(dockerShells(shells).map(dockerLine));
  return [...daemons, ...(await Promise.all([...reflectors, ...asked])).flat()];
}

function noShell(id: string): Line {
  return {
    id: `host/${id}`,
    level: "warn",
    found: "the stack's outputs have no access to it",
    advice: "set access.ssh of its COE, so that its routes can be asked for",
  };
}

async function coeLine(coe: CoePlan, probe: Probes[string] | undefined): Promise<Line> {
  const id = `coe/${coe.name}`;
  const advice = `check that the API of ${coe.name} runs, and coes.${coe.name}.access`;
  if (probe === undefined)
    return { id, level: "fail", found: "the stack's outputs have no access to it", advice };
  return lineOf(
    id,
    await probe.nodes(),
    (nodes) => `its API answers: ${nodes.length} nodes`,
    advice,
  );
}

function lineOf<T>(
  id: string,
  answer: Answer<T>,
  found: (value: T) => string,
  advice: string,
): Line {
  return answer.ok
    ? { id, level: "ok", found: found(answer.value) }
    : { id, level: "fail", found: `${answer.asked}: ${answer.error}`, advice };
}

function hostAdvice(shell: ReflectorShell): string {
  switch (shell.via) {
    case "docker":
      return `check that the container ${shell.container} runs on ${shell.dockerHost}`;
    case "ssh":
      return `check that this works without a question: ssh ${shell.target}`;
    case "command":
      return `check that this works without a question: ${shell.argv.join(" ")}`;
    default:
      return "check that the COE's API can be reached";
  }
}

type DockerShell = Extract<Shell, { via: "docker" }>;

/** One for each daemon. */
function dockerShells(shells: readonly ReflectorShell[]): DockerShell[] {
  const all = shells.filter((shell): shell is DockerShell => shell.via === "docker");
  return [...new Map(all.map((shell) => [shell.dockerHost, shell])).values()];
}

async function dockerLine(shell: DockerShell): Promise<Line> {
  const id = `docker/${shell.dockerHost}`;
  const advice = "check that Docker runs there, and that this user may reach it";
  try {
    const args = ["version", "--format", "{{.Server.Version}}"];
    const result = await execTool("docker", args, { env: dockerEnv(shell), timeoutMs: 15_000 });
    return result.code === 0
      ? { id, level: "ok", found: `Docker ${result.stdout.trim()}` }
      : { id, level: "fail", found: describeFailure(["docker", ...args], result), advice };
  } catch (thrown) {
    return { id, level: "fail", found: messageOf(thrown), advice };
  }
}
