import { readInput } from "../../../util/step";
import { probeInput, startProbes } from "../probe";

/** Starts the probe on the hosts. */
export async function run(): Promise<void> {
  process.stdout.write(`${await startProbes(await readInput(probeInput))}\n`);
}
