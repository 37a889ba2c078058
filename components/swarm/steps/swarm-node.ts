import { readInput, say } from "../../../util/step";
import { applyNodeNetwork } from "../apply";
import { NodeDocker } from "../docker";
import { onNodesOf, swarmNodeInput } from "../input";

/** Makes the settings of the network on one node. */
export async function run(): Promise<void> {
  const input = await readInput(swarmNodeInput);
  const docker = new NodeDocker(onNodesOf(input), input.node);
  const made = await applyNodeNetwork(docker, input.settings, { say });
  process.stdout.write(`${JSON.stringify(made)}\n`);
}
