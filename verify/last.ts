import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cacheDir } from "../util/paths";
import type { StackOutputs } from "./outputs";
import type { CheckResult } from "./types";

/** What came of a check when it was last asked. */
export type LastResult = z.infer<typeof lastResult>;
const lastResult = z
  .object({
    status: z.enum(["pass", "fail", "skip", "unknown"]),
    found: z.string(),
    /** Milliseconds since the epoch. */
    time: z.number(),
  })
  .readonly();

/** By check id. */
export type LastResults = Readonly<Record<string, LastResult>>;
const lastResults = z.record(z.string(), lastResult).readonly();

/** Where the last results of checks are kept. */
export function lastFolder(): string {
  return join(cacheDir(), "verified");
}

/** What was found when this plan was verified at this place. A file that cannot be read is as good as none. */
export async function readLast(folder: string, outputs: StackOutputs): Promise<LastResults> {
  const text = await readFile(fileOf(folder, outputs), "utf8").catch(() => "{}");
  try {
    return lastResults.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * Keeps results beside those of checks that were not asked this time.
 * @returns all of them, also where they cannot be written: they are for the next look only
 */
export async function keepLast(
  folder: string,
  outputs: StackOutputs,
  results: readonly CheckResult[],
  time: number,
): Promise<LastResults> {
  const kept = await readLast(folder, outputs);
  const fresh = results.map(({ id, status, found }) => [id, { status, found, time }] as const);
  const all = { ...kept, ...Object.fromEntries(fresh) };
  const file = fileOf(folder, outputs);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(`${file}.${process.pid}`, JSON.stringify(all), { mode: 0o600 });
    await rename(`${file}.${process.pid}`, file);
  } catch {
    // A folder of which nothing can be written takes nothing away from what was just found.
  }
  return all;
}

/** One file for each plan at each place; results of a plan that has changed say nothing of the new one. */
function fileOf(folder: string, { plan, access }: StackOutputs): string {
  const nodes = Object.values(access.coes).map((coe) => coe.nodes);
  const text = JSON.stringify([plan, access.reflectors, nodes]);
  return join(folder, `${createHash("sha256").update(text).digest("hex").slice(0, 16)}.json`);
}
