import { previousOutput, readInput, say } from "../../../util/step";
import { applyCalicoV1, calicoEtcdV1Input, calicoEtcdV1Result } from "../calico-etcd-v1";

/** Applies Calico's v1 documents to an etcd v2 datastore. */
export async function run(): Promise<void> {
  const input = await readInput(calicoEtcdV1Input);
  const result = await applyCalicoV1(input, previousOutput(calicoEtcdV1Result), { say });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
