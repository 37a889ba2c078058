import { lookAtRouter, routerLookInput } from "../../components/reflector/external/look";
import { readInput } from "../../util/step";

/** Ends well unless a router that we do not run has not what the plan needs; the plan is on standard input. */
export async function run(): Promise<void> {
  process.stdout.write(`${await lookAtRouter(await readInput(routerLookInput))}\n`);
}
