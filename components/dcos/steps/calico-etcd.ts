import { json } from "node:stream/consumers";
import {
  applyCalico,
  type CalicoEtcdResult,
  calicoEtcdInput,
  calicoEtcdResult,
} from "../calico-etcd";

/** Applies Calico's objects to an etcd datastore. */
export async function run(): Promise<void> {
  const input = calicoEtcdInput.parse(await json(process.stdin));
  const say = (message: string) => process.stderr.write(`${message}\n`);
  const result = await applyCalico(input, previousResult(), { say });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** What the run before this one printed; the engine hands it on. */
export function previousResult(): CalicoEtcdResult | undefined {
  try {
    return calicoEtcdResult.parse(JSON.parse(process.env.PULUMI_COMMAND_STDOUT ?? ""));
  } catch {
    return undefined;
  }
}
