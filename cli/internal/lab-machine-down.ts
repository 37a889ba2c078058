import { z } from "zod";
import { machineDown } from "../../lab/machine/machine";
import { readInput } from "./input";

/** Takes the lab's machine away. */
export async function run(): Promise<void> {
  await machineDown((await readInput(z.object({ name: z.string() }))).name);
}
