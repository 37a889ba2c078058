import { readInput } from "../../../../util/step";
import { kubeconfigVariable, withKubectl } from "../../../cluster/kubectl";
import { refuseUnsafeFrr } from "../inspect";
import { frrInspectInput } from "../inspect/input";

/** Ends well unless something of the cluster stands in the way of the plan. */
export async function run(): Promise<void> {
  const { coe, objects, context } = await readInput(frrInspectInput);
  await withKubectl(process.env[kubeconfigVariable], context, (kubectl) =>
    refuseUnsafeFrr(kubectl, coe, objects),
  );
}
