import { readInput, say } from "../../../util/step";
import { hostOfStep } from "../../linux/step";
import { nomadNetworkInput } from "../input";
import { takeNetwork } from "../network";

/** Takes one client's CNI network away. */
export async function run(): Promise<void> {
  const { name, shell, file } = await readInput(nomadNetworkInput);
  await takeNetwork(hostOfStep({ name, shell }), file, say);
}
