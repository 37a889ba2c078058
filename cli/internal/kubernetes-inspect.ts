import { refuseUnsafe } from "../../components/kubernetes/inspect";
import { inspectInput, kubeconfigVariable } from "../../components/kubernetes/inspect/input";
import { withKubectl } from "../../components/kubernetes/kubectl";
import { readInput } from "./input";

/** Ends well unless something of the cluster stands in the way of the plan. */
export async function run(): Promise<void> {
  const { coe, calico, context } = await readInput(inspectInput);
  await withKubectl(process.env[kubeconfigVariable], context, (kubectl) =>
    refuseUnsafe(kubectl, coe, calico),
  );
}
