import { readInput, say } from "../../../util/step";
import { kubeconfigVariable, withKubectl } from "../../cluster/kubectl";
import { givenBefore } from "../../speakers/calico/given";
import { nodeAsInput, removeNodeAs } from "../node-as";

/** Gives back what the step `kubernetes-node-as` set. */
export async function run(): Promise<void> {
  const { context } = await readInput(nodeAsInput);
  await withKubectl(process.env[kubeconfigVariable], context, (kubectl) =>
    removeNodeAs(kubectl, givenBefore(), { say }),
  );
}
