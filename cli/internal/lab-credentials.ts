import { z } from "zod";
import { hostKinds } from "../../components/kinds/hosts";
import { administratorKubeconfig } from "../../lab/hosts/write";
import { coePlanSchema } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { readInput } from "../../util/step";

const input = z.object({
  lab: z.string(),
  coe: coePlanSchema,
  server: z.string(),
  administrator: z.string(),
});

/** Makes an engine's authority and its administrator's certificate; prints the kubeconfig, a secret. */
export async function run(): Promise<void> {
  const { lab, coe, server, administrator } = await readInput(input);
  const kind = hostKinds[coe.kind];
  if (kind === undefined)
    throw new SeamlessError(`the lab has no hosts of kind ${coe.kind}`, exitCode.usage);
  process.stdout.write(await administratorKubeconfig(lab, coe, kind, server, administrator));
}
