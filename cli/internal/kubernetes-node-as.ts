import { kubeconfigVariable } from "../../components/kubernetes/inspect/input";
import { withKubectl } from "../../components/kubernetes/kubectl";
import { applyNodeAs, nodeAsInput } from "../../components/kubernetes/node-as";
import { givenBefore } from "./calico-node-as";
import { readInput, say } from "./input";

/** Sets the annotation of nodes by which Calico knows their AS. */
export async function run(): Promise<void> {
  const input = await readInput(nodeAsInput);
  const given = await withKubectl(process.env[kubeconfigVariable], input.context, (kubectl) =>
    applyNodeAs(kubectl, input, givenBefore(), { say }),
  );
  process.stdout.write(`${JSON.stringify(given)}\n`);
}
