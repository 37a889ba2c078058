import { readInput, say } from "../../../util/step";
import { removeNodeNetwork } from "../apply";
import { NodeDocker } from "../docker";
import { unlessGone } from "../gone";
import { onNodesOf, swarmNodeInput } from "../input";

/** Removes the settings of the network on one node. */
export async function run(): Promise<void> {
  const input = await readInput(swarmNodeInput);
  const docker = new NodeDocker(onNodesOf(input), input.node);
  await unlessGone(`the network's settings on ${input.node}`, () =>
    removeNodeNetwork(docker, input.settings.coe, { say }),
  );
}
