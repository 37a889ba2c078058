import { readInput, say } from "../../../util/step";
import { hostOfStep } from "../../linux/step";
import { NomadClient } from "../api/client";
import { accessOf, nomadNetworkInput } from "../input";
import { giveNetwork } from "../network";

/** Gives one client its CNI network. */
export async function run(): Promise<void> {
  const { name, shell, node, file, ...reached } = await readInput(nomadNetworkInput);
  const client = new NomadClient(accessOf(reached, process.env));
  const result = await giveNetwork(hostOfStep({ name, shell }), client, node, file, say);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
