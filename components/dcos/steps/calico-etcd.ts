import { previousOutput, readInput, say } from "../../../util/step";
import { applyCalico, calicoEtcdInput, calicoEtcdResult } from "../calico-etcd";

/** Applies Calico's objects to an etcd datastore. */
export async function run(): Promise<void> {
  const input = await readInput(calicoEtcdInput);
  const result = await applyCalico(input, previousOutput(calicoEtcdResult), { say });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
