import { z } from "zod";
import { starters } from "../../components/kinds/starters";
import { coePlanSchema } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { readInput, say } from "../../util/step";

const ports = z.object({ kubernetes: z.number(), etcd: z.number(), dcos: z.number() });
const input = z.object({ lab: z.string(), coe: coePlanSchema, ports });

/** Starts an engine on its hosts; the digest of the images comes by SEAMLESS_IMAGES. */
export async function run(): Promise<void> {
  const { coe, ...rest } = await readInput(input);
  const start = starters[coe.kind];
  if (start === undefined)
    throw new SeamlessError(`the lab cannot start a ${coe.kind} engine`, exitCode.usage);
  await start({ ...rest, coe, images: process.env.SEAMLESS_IMAGES ?? "", say });
}
