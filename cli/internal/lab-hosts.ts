import { z } from "zod";
import { labKinds } from "../../components/kinds/lab";
import { writeHosts } from "../../lab/hosts/write";
import { coePlanSchema } from "../../plan/types";
import { readInput, say } from "../../util/step";

/** Writes the files of the lab's hosts. */
export async function run(): Promise<void> {
  const input = await readInput(z.object({ lab: z.string(), coes: z.array(coePlanSchema) }));
  await writeHosts(input.lab, input.coes, labKinds, say);
}
