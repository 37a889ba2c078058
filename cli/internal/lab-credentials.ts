import { z } from "zod";
import { facetOf } from "../../components/contract/facet";
import { labKinds } from "../../components/kinds/lab";
import { forSpeaker } from "../../lab/contract";
import { credentialsOf } from "../../lab/hosts/write";
import { coePlanSchema } from "../../plan/types";
import { readInput } from "../../util/step";

const input = z.object({
  lab: z.string(),
  coe: coePlanSchema,
  server: z.string(),
  administrator: z.string(),
});

/** Makes a COE's authority and its administrator's certificate; prints what the administrator needs, a secret. */
export async function run(): Promise<void> {
  const { lab, coe, ...administrator } = await readInput(input);
  const kind = forSpeaker(facetOf(labKinds, coe), coe);
  process.stdout.write(await credentialsOf(lab, coe, kind, administrator));
}
