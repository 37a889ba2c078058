import { readInput, say } from "../../../util/step";
import { calicoNodeAsInput, removeCalicoNodeAs } from "../node-as";
import { givenBefore } from "./calico-node-as";

/** Gives back what the step `calico-node-as` set. */
export async function run(): Promise<void> {
  await removeCalicoNodeAs(await readInput(calicoNodeAsInput), givenBefore(), { say });
}
