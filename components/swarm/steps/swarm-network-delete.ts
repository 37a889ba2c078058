import { readInput, say } from "../../../util/step";
import { removeSwarmNetwork } from "../apply";
import { unlessGone } from "../gone";
import { onNodesOf, swarmNetworkInput } from "../input";
import { firstManager } from "../read";

/** Removes the network of the swarm. */
export async function run(): Promise<void> {
  const input = await readInput(swarmNetworkInput);
  await unlessGone(`network ${input.network} of the swarm`, async () => {
    const manager = await firstManager(input.managers, onNodesOf(input));
    await removeSwarmNetwork(manager, input.network, { say });
  });
}
