import { containerDaemon } from "../../components/reflector/container";
import { lookAtReflector, reflectorLookInput } from "../../components/reflector/look";
import { readInput, requiredVariable } from "../../util/step";
import { stepKind } from "./router";

/** Ends well unless something stands in the way of the reflector, whose plan is on standard input. */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  const input = await readInput(reflectorLookInput);
  const seen = await lookAtReflector(
    { ...input, container },
    containerDaemon(stepKind(), {}, container),
  );
  process.stdout.write(`${seen}\n`);
}
