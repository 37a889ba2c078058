import { z } from "zod";
import { parsed } from "../../ask/shell";
import type { Answer } from "../../ask/types";
import type { Ask } from "./own-word";

const agentList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        namespace: z.string(),
        deletionTimestamp: z.string().optional(),
      }),
      spec: z.object({ nodeName: z.string().default("") }),
    }),
  ),
});

type Agent = z.output<typeof agentList>["items"][number];

/** For how long the list of Agents is taken for true, in milliseconds. */
const fresh = 5_000;

/** The calico-node pods, which share the network of their nodes. They are looked for once, not once for each node. */
export class Agents {
  private found: Promise<Answer<readonly Agent[]>> | undefined;
  private since = 0;

  constructor(private readonly kubectl: Ask) {}

  /** Runs a program in the calico-node container of a node. */
  async run(node: string, argv: readonly string[]): Promise<Answer<string>> {
    const found = await this.list();
    if (!found.ok) return found;
    const there = found.value.filter(({ spec }) => spec.nodeName === node);
    const pod = there.find(({ metadata }) => metadata.deletionTimestamp === undefined) ?? there[0];
    if (pod === undefined)
      return { ok: false, asked: found.asked, error: `no calico-node pod on ${node}` };
    const { name, namespace } = pod.metadata;
    const said = await this.kubectl([
      ...["exec", "-n", namespace, name, "-c", "calico-node", "--"],
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
    const said = await this.kubectl([
      "get",
      "pods",
      "-A",
      "-l",
      "k8s-app=calico-node",
      "-o",
      "json",
    ]);
    return parsed(said, (text) => agentList.parse(JSON.parse(text)).items);
  }
}
