import { readInput } from "../../../util/step";
import { kubeconfigVariable, withKubectl } from "../../cluster/kubectl";
import { refuseUnsafe } from "../inspect";
import { inspectInput } from "../inspect/input";
import { parsePast, readPast, renderPast } from "../past";

/** Ends well unless something of the cluster stands in the way of the plan, and prints what there is to give back. */
export async function run(): Promise<void> {
  const { coe, calico, context } = await readInput(inspectInput);
  const earlier = parsePast(process.env.PULUMI_COMMAND_STDOUT ?? "");
  const past = await withKubectl(process.env[kubeconfigVariable], context, async (kubectl) => {
    await refuseUnsafe(kubectl, coe, calico);
    return readPast(kubectl, calico, earlier);
  });
  process.stdout.write(renderPast(past));
}
