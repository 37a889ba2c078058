import { calicoNodeAsInput, removeCalicoNodeAs } from "../../components/dcos/node-as";
import { givenBefore } from "./calico-node-as";
import { readInput, say } from "./input";

/** Gives back what the step `calico-node-as` set. */
export async function run(): Promise<void> {
  await removeCalicoNodeAs(await readInput(calicoNodeAsInput), givenBefore(), { say });
}
