import { z } from "zod";
import { labKinds, labRouters } from "../../components/kinds/lab";
import { makeImages, routerMachines } from "../../lab/images";
import { readInput, say } from "../../util/step";

const input = z.object({
  name: z.string(),
  /** Names of what the lab has beside what every lab has: see labNames(). Default: there is nothing. */
  kinds: z.array(z.string()).default([]),
  /** Kinds of the routers that the lab makes. Default: there are none. */
  routers: z.array(z.string()).default([]),
});

/** Makes the lab's images; prints a digest of what went into them. */
export async function run(): Promise<void> {
  const { name, kinds, routers } = await readInput(input);
  const machines = routerMachines(labRouters, routers);
  process.stdout.write(`${await makeImages(name, labKinds, say, kinds, machines)}\n`);
}
