import { z } from "zod";
import { machineUp } from "../../lab/machine/machine";
import { readInput } from "../../util/step";

const input = z.object({
  name: z.string(),
  forwards: z.record(z.string(), z.object({ port: z.number(), to: z.string() })),
});

/** Makes the lab's namespace and Docker daemon; prints where that listens. */
export async function run(): Promise<void> {
  process.stdout.write(`${await machineUp(await readInput(input))}\n`);
}
