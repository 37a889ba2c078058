import { readInput, say } from "../../../util/step";
import { applySwarmNetwork } from "../apply";
import { onNodesOf, swarmNetworkInput, swarmNetworkResult } from "../input";
import { firstManager } from "../read";

/** Makes the network of the swarm. */
export async function run(): Promise<void> {
  const input = await readInput(swarmNetworkInput);
  const { network } = input;
  // Whose name the network had in the run before.
  const { PULUMI_COMMAND_STDOUT: before = "" } = process.env;
  const earlier = before === "" ? undefined : swarmNetworkResult.parse(JSON.parse(before)).network;
  const manager = await firstManager(input.managers, onNodesOf(input));
  await applySwarmNetwork(manager, network, earlier, { say });
  process.stdout.write(`${JSON.stringify({ network })}\n`);
}
