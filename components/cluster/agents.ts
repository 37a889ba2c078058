import { z } from "zod";
import { parsed } from "../ask/shell";
import type { Answer } from "../ask/types";

/** Asks a cluster by kubectl. */
export type Ask = (args: readonly string[]) => Promise<Answer<string>>;

/** The pods in which the speaker of each node can be asked. They share the network of their nodes. */
export interface AgentPods {
  /** Arguments of `kubectl get pods` that find them, and maybe others. */
  readonly where: readonly string[];
  readonly container: string;
}

const agentList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        namespace: z.string(),
        deletionTimestamp: z.string().optional(),
      }),
      spec: z.object({
        nodeName: z.string().default(""),
        containers: z.array(z.object({ name: z.string() })).default([]),
      }),
    }),
  ),
});

type Agent = z.output<typeof agentList>["items"][number];

/** For how long the list of Agents is taken for true, in milliseconds. */
const fresh = 5_000;

/** Runs programs in these pods, which are looked for once, not once for each node. */
export class Agents {
  private found: Promise<Answer<readonly Agent[]>> | undefined;
  private since = 0;

  constructor(
    private readonly kubectl: Ask,
    private readonly pods: AgentPods,
  ) {}

  /** Runs a program in the container of a node. */
  async run(node: string, argv: readonly string[]): Promise<Answer<string>> {
    const found = await this.list();
    if (!found.ok) return found;
    const { container } = this.pods;
    const there = found.value.filter(
      ({ spec }) =>
        spec.nodeName === node && spec.containers.some(({ name }) => name === container),
    );
    const pod = there.find(({ metadata }) => metadata.deletionTimestamp === undefined) ?? there[0];
    if (pod === undefined)
      return { ok: false, asked: found.asked, error: `no ${container} pod on ${node}` };
    const { name, namespace } = pod.metadata;
    const said = await this.kubectl([
      ...["exec", "-n", namespace, name, "-c", container, "--"],
      ...argv,
    ]);
    // It may have been replaced meanwhile.
    if (!said.ok) this.found = undefined;
    return said;
  }

  private list(): Promise<Answer<readonly Agent[]>> {
    const now = performance.now();
    if (this.found === undefined || now - this.since > fresh) {
      this.since = now;
      this.found = this.ask();
    }
    return this.found;
  }

  private async ask(): Promise<Answer<readonly Agent[]>> {
    const said = await this.kubectl(["get", "pods", ...this.pods.where, "-o", "json"]);
    return parsed(said, (text) => agentList.parse(JSON.parse(text)).items);
  }
}
