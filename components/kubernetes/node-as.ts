import { z } from "zod";
import { type Kubectl, refusal } from "../cluster/kubectl";
import { asnAnnotation, nodeObject } from "../cluster/nodes";
import {
  type GivenAsns,
  giveBackAsns,
  type NodeStore,
  type StepOptions,
  setAsns,
  wantedAsns,
} from "../speakers/calico/node-as";

/** Input of the steps `kubernetes-node-as` and `kubernetes-node-as-delete`; the kubeconfig comes by the environment. */
export const nodeAsInput = wantedAsns.extend({
  /** Context in the kubeconfig. Default: its current one. */
  context: z.string().exactOptional(),
});

export type NodeAsInput = z.infer<typeof nodeAsInput>;

/** Sets the annotation by which Calico knows a node's own AS. @throws SeamlessError when the API does not answer */
export function applyNodeAs(
  kubectl: Kubectl,
  input: NodeAsInput,
  previous: GivenAsns,
  options: StepOptions,
): Promise<GivenAsns> {
  return setAsns(annotations(kubectl), input, previous, options);
}

/** Gives annotations back as they were. */
export function removeNodeAs(
  kubectl: Kubectl,
  given: GivenAsns,
  options: StepOptions,
): Promise<void> {
  return giveBackAsns(annotations(kubectl), given, options);
}

function annotations(kubectl: Kubectl): NodeStore {
  const run = async (args: readonly string[]) => {
    const result = await kubectl(args);
    if (result.code !== 0) throw refusal(kubectl, args, result);
    return result.stdout;
  };
  return {
    list: async () => {
      const text = await run(["get", "nodes", "-o", "json"]);
      const { items } = z.object({ items: z.array(nodeObject) }).parse(JSON.parse(text));
      return items.map(({ metadata }) => {
        const asn = metadata.annotations[asnAnnotation];
        return { id: metadata.name, ...(asn === undefined ? {} : { asn }) };
      });
    },
    matches: ({ id }, name) => id === name,
    write: async (id, asn) => {
      const change = asn === undefined ? `${asnAnnotation}-` : `${asnAnnotation}=${asn}`;
      await run(["annotate", "--overwrite", "node", id, change]);
    },
  };
}
