import { readInput, say } from "../../../util/step";
import { calicoEtcdV1Input, deleteCalicoV1 } from "../calico-etcd-v1";
import { previousResult } from "./calico-etcd-v1";

/** Removes what the step `calico-etcd-v1` made, and puts back the settings that it changed. */
export async function run(): Promise<void> {
  await deleteCalicoV1(await readInput(calicoEtcdV1Input), previousResult(), { say });
}
