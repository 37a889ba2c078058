import { readInput, say } from "../../../util/step";
import { type GivenAsns, givenAsns } from "../../speakers/calico/node-as";
import { applyCalicoNodeAs, calicoNodeAsInput } from "../node-as";

/** Sets the AS of Calico's nodes in an etcd datastore. */
export async function run(): Promise<void> {
  const input = await readInput(calicoNodeAsInput);
  const given = await applyCalicoNodeAs(input, givenBefore(), { say });
  process.stdout.write(`${JSON.stringify(given)}\n`);
}

/** What the run before this one printed; Pulumi hands it on. */
export function givenBefore(): GivenAsns {
  const text = process.env.PULUMI_COMMAND_STDOUT ?? "";
  return text.trim() === "" ? {} : givenAsns.parse(JSON.parse(text));
}
