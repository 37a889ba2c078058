import { z } from "zod";
import { labKinds } from "../../components/kinds/lab";
import { machinesOf, makeImages } from "../../lab/images";
import { readInput, say } from "../../util/step";

const input = z.object({
  name: z.string(),
  /** Kinds of the lab's COEs whose hosts are other machines than the common ones. Default: there are none. */
  kinds: z.array(z.string()).default([]),
});

/** Makes the lab's images; prints a digest of what went into them. */
export async function run(): Promise<void> {
  const { name, kinds } = await readInput(input);
  const machines = machinesOf(labKinds, kinds);
  process.stdout.write(`${await makeImages(name, labKinds, say, machines)}\n`);
}
