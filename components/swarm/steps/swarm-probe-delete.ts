import { readInput, say } from "../../../util/step";
import { unlessGone } from "../gone";
import { onNodesOf, swarmProbeInput } from "../input";
import { removeProbe } from "../probe";
import { firstManager } from "../read";

/** Removes the service of the probe. */
export async function run(): Promise<void> {
  const input = await readInput(swarmProbeInput);
  await unlessGone("the service of the probe", async () => {
    const manager = await firstManager(input.managers, onNodesOf(input));
    await removeProbe(manager, { say });
  });
}
