import { kubeconfigVariable } from "../../components/kubernetes/inspect/input";
import { withKubectl } from "../../components/kubernetes/kubectl";
import { nodeAsInput, removeNodeAs } from "../../components/kubernetes/node-as";
import { givenBefore } from "./calico-node-as";
import { readInput, say } from "./input";

/** Gives back what the step `kubernetes-node-as` set. */
export async function run(): Promise<void> {
  const { context } = await readInput(nodeAsInput);
  await withKubectl(process.env[kubeconfigVariable], context, (kubectl) =>
    removeNodeAs(kubectl, givenBefore(), { say }),
  );
}
