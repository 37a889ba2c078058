import { z } from "zod";
import { readInput, say } from "../../../util/step";
import { kubeconfigVariable, withKubectl } from "../../cluster/kubectl";
import { waitForOperator } from "../ready";

const input = z.object({ name: z.string(), context: z.string().exactOptional() });

/** Ends once the network operator has made what route advertisements need. */
export async function run(): Promise<void> {
  const { name, context } = await readInput(input);
  await withKubectl(process.env[kubeconfigVariable], context, (kubectl) =>
    waitForOperator(kubectl, { name }, say),
  );
}
