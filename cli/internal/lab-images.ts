import { z } from "zod";
import { labKinds } from "../../components/kinds/lab";
import { makeImages } from "../../lab/images";
import { readInput, say } from "../../util/step";

const input = z.object({
  name: z.string(),
  /** Names of what the lab has beside what every lab has: see labNames(). Default: there is nothing. */
  kinds: z.array(z.string()).default([]),
});

/** Makes the lab's images; prints a digest of what went into them. */
export async function run(): Promise<void> {
  const { name, kinds } = await readInput(input);
  process.stdout.write(`${await makeImages(name, labKinds, say, kinds)}\n`);
}
