import type { CoeAccess } from "../../../plan/access";
import type { CoePlan, NodePlan } from "../../../plan/types";
import { messageOf, SeamlessError } from "../../../util/errors";
import { ask } from "../../ask/shell";
import type { Answer, Workload } from "../../ask/types";
import { busyboxGet, getSilence } from "../../cluster/busybox";
import { type MakeProbe, probeName } from "../../contract/probe";
import { hostFaults, leftOnHost } from "../../linux/compare";
import { hostInputOf } from "../../linux/planned";
import type { OnNode } from "../docker";
import { readSwarm } from "../read";
import { swarmFaults, swarmLeft } from "./faults";
import { OwnWord } from "./own-word";

/** A swarm is asked by the docker command on its nodes; a fetch runs in the task itself. */
export const swarmProbe: MakeProbe = async (coe, access) => {
  const on = (node: string, argv: readonly string[], more: More = {}) =>
    onShell(coe, access, node, argv, more);
  const run = nodesBy(on);
  const word = new OwnWord(coe, run);
  const [zone] = coe.names?.zones ?? [];
  return {
    host: zone === undefined ? undefined : `${probeName}.${zone}`,
    workloads: () => word.workloads(),
    containers: () => word.containers(),
    blocks: () => word.blocks(),
    nodes: () => word.nodes(),
    objects: (plan) =>
      told(coe, async () => {
        const ofSwarm = swarmFaults(plan, coe, await readSwarm(coe, run));
        const ofHosts = await onSpeakers(coe, (node) => {
          const { [node.name]: shell } = access.nodes;
          if (shell === undefined) throw new SeamlessError(`${node.id}: ${noAccess}`);
          const input = hostInputOf(plan, coe, node, shell, "own");
          return hostFaults((argv, text) => on(node.name, argv, inputOf(text)), input);
        });
        return [...ofSwarm, ...ofHosts];
      }),
    left: () =>
      told(coe, async () => {
        const { faults, compared } = swarmLeft(coe, await readSwarm(coe, run));
        const ofHosts = await onSpeakers(coe, (node) =>
          leftOnHost((argv, text) => on(node.name, argv, inputOf(text)), node.id),
        );
        return { faults: [...faults, ...ofHosts], compared };
      }),
    besideSpeaker: (node, argv) => on(node, argv),
    inside: (from, argv) => on(nodeOf(coe, from), ["docker", "exec", from.name, ...argv]),
    fetch: (from, url) => {
      const get = ["docker", "exec", from.name, ...busyboxGet(url)];
      return on(nodeOf(coe, from), get, { silence: getSilence });
    },
  };
};

function nodeOf({ nodes }: CoePlan, { node: id }: Workload): string {
  return Object.values(nodes).find((node) => node.id === id)?.name ?? id;
}

const noAccess = "no access to this node in the stack outputs";

interface More {
  /** The exit code by which a program says that nothing came back. */
  readonly silence?: number;
  /** Its standard input. */
  readonly input?: string;
}

function inputOf(text: string | undefined): Pick<More, "input"> {
  return text === undefined ? {} : { input: text };
}

function onShell(
  coe: CoePlan,
  access: CoeAccess,
  node: string,
  argv: readonly string[],
  { silence, input }: More,
): Promise<Answer<string>> {
  const { [node]: shell } = access.nodes;
  const id = coe.nodes[node]?.id ?? node;
  if (shell !== undefined) return ask(shell, id, argv, undefined, silence, input);
  return Promise.resolve({
    ...{ ok: false, asked: `${id}: ${argv[0]}`, error: noAccess, unasked: true },
  });
}

/** Asks each node that speaks BGP. */
async function onSpeakers<T>(
  { nodes }: CoePlan,
  one: (node: NodePlan) => Promise<readonly T[]>,
): Promise<T[]> {
  const speakers = Object.values(nodes).filter(({ speaker }) => speaker);
  return (await Promise.all(speakers.map(one))).flat();
}

async function told<T>({ name, speaker }: CoePlan, read: () => Promise<T>): Promise<Answer<T>> {
  const asked = `${name}: docker network inspect, ${speaker === "frr" ? "vtysh" : "birdcl"}, nft`;
  try {
    return { ok: true, asked, value: await read() };
  } catch (thrown) {
    return { ok: false, asked, error: messageOf(thrown), unasked: true };
  }
}

/** Programs on nodes as the stack outputs say that they are reached. */
function nodesBy(on: (node: string, argv: readonly string[]) => Promise<Answer<string>>): OnNode {
  return async (node, argv) => {
    const reply = await on(node, argv);
    return reply.ok
      ? { code: 0, stdout: reply.value, stderr: "" }
      : { code: 1, stdout: "", stderr: reply.error };
  };
}
