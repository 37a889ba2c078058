import { readInput } from "../../../util/step";
import { onNodesOf, swarmInspectInput } from "../input";
import { refuseUnsafe } from "../inspect";

/** Ends well unless something of the swarm stands in the way of the plan. */
export async function run(): Promise<void> {
  const input = await readInput(swarmInspectInput);
  await refuseUnsafe({ coe: input.coe, ranges: input.ranges }, onNodesOf(input));
}
