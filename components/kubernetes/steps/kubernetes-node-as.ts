import { readInput, say } from "../../../util/step";
import { kubeconfigVariable, withKubectl } from "../../cluster/kubectl";
import { givenBefore } from "../../speakers/calico/given";
import { applyNodeAs, nodeAsInput } from "../node-as";

/** Sets the annotation of nodes by which Calico knows their AS. */
export async function run(): Promise<void> {
  const input = await readInput(nodeAsInput);
  const given = await withKubectl(process.env[kubeconfigVariable], input.context, (kubectl) =>
    applyNodeAs(kubectl, input, givenBefore(), { say }),
  );
  process.stdout.write(`${JSON.stringify(given)}\n`);
}
