import { refuseForeign } from "../../components/kubernetes/addons/guard";
import { addonsGuardInput } from "../../components/kubernetes/addons/guard-input";
import { kubeconfigVariable } from "../../components/kubernetes/inspect/input";
import { withKubectl } from "../../components/kubernetes/kubectl";
import { readInput } from "./input";

/** Ends well unless the cluster has an add-on of its own that is to be made. */
export async function run(): Promise<void> {
  const { coe, addons, context } = await readInput(addonsGuardInput);
  await withKubectl(process.env[kubeconfigVariable], context, (kubectl) =>
    refuseForeign(kubectl, coe, addons),
  );
}
