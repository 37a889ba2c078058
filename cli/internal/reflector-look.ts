import { containerGobgpd } from "../../components/reflector/container";
import { lookAtReflector, reflectorLookInput } from "../../components/reflector/look";
import { readInput, requiredVariable } from "../../util/step";

/** Ends well unless something stands in the way of the reflector, whose plan is on standard input. */
export async function run(): Promise<void> {
  const container = requiredVariable("SEAMLESS_CONTAINER");
  const input = await readInput(reflectorLookInput);
  const seen = await lookAtReflector({ ...input, container }, containerGobgpd({}, container));
  process.stdout.write(`${seen}\n`);
}
