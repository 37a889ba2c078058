import { rm } from "node:fs/promises";
import { z } from "zod";
import { archiveFolder } from "../../lab/images";
import { machineDown } from "../../lab/machine/machine";
import { readInput } from "../../util/step";

// The delete of a resource gets the same input as its create: the forwards are of no interest here.
const input = z.object({ name: z.string(), purge: z.boolean().optional() });

/** Takes the lab's machine away. */
export async function run(): Promise<void> {
  const { name, purge } = await readInput(input);
  await machineDown(name, purge);
  if (purge) await rm(archiveFolder(name), { recursive: true, force: true });
}
