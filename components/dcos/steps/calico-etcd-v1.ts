import { readInput, say } from "../../../util/step";
import {
  applyCalicoV1,
  type CalicoEtcdV1Result,
  calicoEtcdV1Input,
  calicoEtcdV1Result,
} from "../calico-etcd-v1";

/** Applies Calico's v1 documents to an etcd v2 datastore. */
export async function run(): Promise<void> {
  const input = await readInput(calicoEtcdV1Input);
  const result = await applyCalicoV1(input, previousResult(), { say });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** What the run before this one printed; the engine hands it on. */
export function previousResult(): CalicoEtcdV1Result | undefined {
  try {
    return calicoEtcdV1Result.parse(JSON.parse(process.env.PULUMI_COMMAND_STDOUT ?? ""));
  } catch {
    return undefined;
  }
}
