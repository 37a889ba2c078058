import { readInput, say } from "../../../util/step";
import { givenBefore } from "../../speakers/calico/given";
import { applyCalicoNodeAs, calicoNodeAsInput } from "../node-as";

/** Sets the AS of Calico's nodes in an etcd datastore. */
export async function run(): Promise<void> {
  const input = await readInput(calicoNodeAsInput);
  const given = await applyCalicoNodeAs(input, givenBefore(), { say });
  process.stdout.write(`${JSON.stringify(given)}\n`);
}
