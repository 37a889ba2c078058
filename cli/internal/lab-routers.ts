import { z } from "zod";
import { labRouters } from "../../components/kinds/lab";
import { writeRouters } from "../../lab/hosts/write";
import { planSchema } from "../../plan/types";
import { readInput, say } from "../../util/step";

const input = z.object({
  lab: z.string(),
  plan: planSchema,
  /** Names of the plan's reflectors whose machines are the lab's. */
  routers: z.array(z.string()),
});

/** Writes the files of the lab's routers. */
export async function run(): Promise<void> {
  const { lab, plan, routers } = await readInput(input);
  await writeRouters(lab, plan, routers, labRouters, say);
}
