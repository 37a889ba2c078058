import { readInput, say } from "../../../util/step";
import { givenBefore } from "../../speakers/calico/given";
import { calicoNodeAsInput, removeCalicoNodeAs } from "../node-as";

/** Gives back what the step `calico-node-as` set. */
export async function run(): Promise<void> {
  await removeCalicoNodeAs(await readInput(calicoNodeAsInput), givenBefore(), { say });
}
