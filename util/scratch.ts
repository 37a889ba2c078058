import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "./interrupt";

/**
 * Lends a folder that only this user can look into; it goes when it is not used any more, and when the process is
 * interrupted.
 * @param name what it is for, as a part of its name
 */
export async function inScratch<T>(name: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `seamless-${name}-`));
  const done = onInterrupt(() => rmSync(folder, { recursive: true, force: true }));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    done();
  }
}
