import { previousOutput, readInput, say } from "../../../util/step";
import { calicoEtcdV1Input, calicoEtcdV1Result, deleteCalicoV1 } from "../calico-etcd-v1";

/** Removes what the step `calico-etcd-v1` made, and puts back the settings that it changed. */
export async function run(): Promise<void> {
  const input = await readInput(calicoEtcdV1Input);
  await deleteCalicoV1(input, previousOutput(calicoEtcdV1Result), { say });
}
