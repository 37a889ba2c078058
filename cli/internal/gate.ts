import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { accessVariable } from "../../components/gate-input";
import { accessSchema } from "../../plan/access";
import { anyPlanSchema } from "../../plan/version1";
import { readInput, requiredVariable } from "../../util/step";
import { waitFor } from "../../util/wait";
import type { StackOutputs } from "../../verify/outputs";
import type { Traffic } from "../../verify/traffic/count";
import { parseKept, stopFile } from "../../verify/traffic/watch";

const input = z.object({ plan: anyPlanSchema, probes: z.array(z.string()).readonly() });

/** What the steps of the gate are given. */
export async function gateInput(): Promise<StackOutputs> {
  const access = accessSchema.parse(JSON.parse(requiredVariable(accessVariable)));
  return { ...(await readInput(input)), access };
}

/** What `gate-watch` prints. */
export const watching = z.object({ file: z.string() });

/** Ends the counting, and takes its files away. @returns nothing where nobody counts */
export async function endWatch(printed: string | undefined): Promise<Traffic> {
  const file = fileIn(printed);
  if (file === undefined || !existsSync(file)) return {};
  await writeFile(stopFile(file), "");
  const what = "the GETs that are under way";
  const traffic = await waitFor({ what, timeoutMs: 30_000 }, async () => {
    const kept = parseKept(await readFile(file, "utf8"));
    return kept.ended
      ? { done: true, value: kept.traffic }
      : { done: false, seen: "they still count" };
  });
  await rm(file, { force: true });
  await rm(stopFile(file), { force: true });
  return traffic;
}

function fileIn(printed: string | undefined): string | undefined {
  try {
    return watching.parse(JSON.parse(printed ?? "")).file;
  } catch {
    return undefined;
  }
}
