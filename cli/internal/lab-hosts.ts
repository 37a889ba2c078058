import { z } from "zod";
import { labKinds } from "../../components/kinds/lab";
import { writeHosts } from "../../lab/hosts/write";
import { coePlanSchema, rackPlanSchema } from "../../plan/types";
import { readInput, say } from "../../util/step";

const input = z.object({
  lab: z.string(),
  coes: z.array(coePlanSchema),
  /** Where each has a network of its own. Default: all hosts are on one. */
  racks: z.array(rackPlanSchema).default([]),
});

/** Writes the files of the lab's hosts. */
export async function run(): Promise<void> {
  const { lab, coes, racks } = await readInput(input);
  await writeHosts(lab, coes, labKinds, say, racks);
}
