import { z } from "zod";
import { writeHosts } from "../../lab/hosts/write";
import { readInput, say } from "./input";
import { coePlan } from "./lab-schema";

/** Writes the files of the lab's hosts. */
export async function run(): Promise<void> {
  const input = await readInput(z.object({ lab: z.string(), coes: z.array(coePlan) }));
  await writeHosts(input.lab, input.coes, say);
}
