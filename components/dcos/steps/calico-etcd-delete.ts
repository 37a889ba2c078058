import { previousOutput, readInput, say } from "../../../util/step";
import { calicoEtcdInput, calicoEtcdResult, deleteCalico } from "../calico-etcd";

/** Removes the objects that the step `calico-etcd` made. */
export async function run(): Promise<void> {
  const input = await readInput(calicoEtcdInput);
  await deleteCalico(input, previousOutput(calicoEtcdResult), { say });
}
