import { readInput, say } from "../../../util/step";
import { probeInput, removeProbes } from "../probe";

/** Removes the probe from the hosts. */
export async function run(): Promise<void> {
  await removeProbes(await readInput(probeInput), say);
}
