import { z } from "zod";
import { nodeReaders } from "../../components/node-readers";
import { exitCode, SeamlessError } from "../../util/errors";
import { readInput } from "../../util/step";

const access = z.looseObject({
  kubeconfig: z.string().exactOptional(),
  context: z.string().exactOptional(),
});

/** Prints the nodes of a cluster, as the configuration would have them. */
export async function run(): Promise<void> {
  const input = await readInput(z.object({ coe: z.string(), kind: z.string(), access }));
  const read = nodeReaders[input.kind];
  if (read === undefined)
    throw new SeamlessError(`a ${input.kind} engine is not asked for its nodes`, exitCode.usage);
  process.stdout.write(JSON.stringify(await read(input.coe, input.access)));
}
