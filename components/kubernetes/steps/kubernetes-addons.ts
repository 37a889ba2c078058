import { readInput } from "../../../util/step";
import { kubeconfigVariable, withKubectl } from "../../cluster/kubectl";
import { refuseForeign } from "../addons/guard";
import { addonsGuardInput } from "../addons/guard-input";

/** Ends well unless the cluster has an add-on of its own that is to be made. */
export async function run(): Promise<void> {
  const { coe, addons, context } = await readInput(addonsGuardInput);
  await withKubectl(process.env[kubeconfigVariable], context, (kubectl) =>
    refuseForeign(kubectl, coe, addons),
  );
}
