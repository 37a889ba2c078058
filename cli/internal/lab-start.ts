import { z } from "zod";
import { facetOf } from "../../components/contract/facet";
import { labKinds } from "../../components/kinds/lab";
import { forSpeaker } from "../../lab/contract";
import { coePlanSchema } from "../../plan/types";
import { readInput, say } from "../../util/step";

const input = z.object({
  lab: z.string(),
  coe: coePlanSchema,
  ports: z.record(z.string(), z.number()),
});

/** Starts a COE on its hosts; the digest of the images comes by SEAMLESS_IMAGES. */
export async function run(): Promise<void> {
  const { coe, ...rest } = await readInput(input);
  const images = process.env.SEAMLESS_IMAGES ?? "";
  await forSpeaker(facetOf(labKinds, coe), coe).start({ ...rest, coe, images, say });
}
