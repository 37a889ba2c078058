import { z } from "zod";
import { readInput } from "../../util/step";
import { askForNodes } from "../nodes";

const input = z.object({ coe: z.string(), kind: z.string(), access: z.unknown() });

/** Prints the nodes of a COE, as the configuration would have them. */
export async function run(): Promise<void> {
  const { coe, kind, access } = await readInput(input);
  process.stdout.write(JSON.stringify(await askForNodes(coe, kind, access)));
}
