import { json } from "node:stream/consumers";
import { calicoEtcdInput, deleteCalico } from "../calico-etcd";
import { previousResult } from "./calico-etcd";

/** Removes the objects that the step `calico-etcd` made. */
export async function run(): Promise<void> {
  const input = calicoEtcdInput.parse(await json(process.stdin));
  const say = (message: string) => process.stderr.write(`${message}\n`);
  await deleteCalico(input, previousResult(), { say });
}
