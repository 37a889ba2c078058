import { z } from "zod";
import { labRouters } from "../../components/kinds/lab";
import { routerUp } from "../../lab/hosts/router";
import { readInput, say } from "../../util/step";

const input = z.object({
  lab: z.string(),
  /** Its name in the plan, and its kind. */
  router: z.string(),
  kind: z.string(),
});

/** Waits until a router of the lab has what its owner gives it. */
export async function run(): Promise<void> {
  const { lab, router, kind } = await readInput(input);
  await routerUp(lab, router, kind, labRouters, say);
}
