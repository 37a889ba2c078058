import { readInput, say } from "../../../util/step";
import { onNodesOf, swarmProbeInput } from "../input";
import { runProbe } from "../probe";
import { firstManager } from "../read";

/** Makes the service of the probe, and waits for its tasks. */
export async function run(): Promise<void> {
  const input = await readInput(swarmProbeInput);
  const manager = await firstManager(input.managers, onNodesOf(input));
  await runProbe(manager, input.service, { say });
}
