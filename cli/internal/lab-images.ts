import { z } from "zod";
import { labKinds } from "../../components/kinds/lab";
import { makeImages } from "../../lab/images";
import { readInput, say } from "../../util/step";

/** Makes the lab's images; prints a digest of what went into them. */
export async function run(): Promise<void> {
  const { name } = await readInput(z.object({ name: z.string() }));
  process.stdout.write(`${await makeImages(name, labKinds, say)}\n`);
}
