import { readdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SeamlessError } from "../util/errors";
import { cacheDir, checkoutDir } from "../util/paths";
import type { Tool } from "./catalogue";
import { runGo } from "./go";

const mb = 1_000_000;

/** What a build needs on disk and what is there, in MB. */
export interface DiskNeed {
  readonly goCacheMb: number;
  readonly resultMb: number;
}

/** What building some tools with empty Go caches needs. */
export function diskNeed(tools: readonly Tool[]): DiskNeed {
  return {
    goCacheMb: tools.reduce((sum, tool) => sum + tool.cost.goCacheMb, 0),
    resultMb: tools.reduce((sum, tool) => sum + tool.cost.resultMb, 0),
  };
}

/**
 * Stops before a build that would fill the disk. Go's caches are only measured (which takes a while) when the free
 * space would not do for a build from nothing.
 */
export async function checkDisk(tools: readonly Tool[]): Promise<void> {
  const need = diskNeed(tools);
  const env = await runGo(["go", "env", "GOCACHE", "GOMODCACHE"], checkoutDir());
  const goCaches = env.stdout.split("\n").filter((line) => line !== "");
  const places = new Map<number, { path: string; free: number; needed: number; go: string[] }>();
  const add = async (path: string, needed: number, go: readonly string[]) => {
    const existing = await nearestExisting(path);
    const { dev } = await stat(existing);
    const { bavail, bsize } = await statfs(existing);
    const place = places.get(dev) ?? { path, free: (bavail * bsize) / mb, needed: 0, go: [] };
    place.needed += needed;
    place.go.push(...go);
    places.set(dev, place);
  };
  await add(cacheDir(), need.resultMb, []);
  // Two thirds are compiled packages, the rest is source.
  for (const [index, path] of goCaches.entries())
    await add(path, need.goCacheMb * (index === 0 ? 0.7 : 0.3), [path]);
  for (const { path, free, needed, go } of places.values()) {
    if (free >= needed) continue;
    const used = (await Promise.all(go.map(sizeMb))).reduce((sum, size) => sum + size, 0);
    const still = Math.max(needed - used, need.resultMb);
    if (free < still) throw new SeamlessError(diskMessage(path, free, still));
  }
}

/** MB for people: "321 MB", "12.3 GB". */
export function size(megabytes: number): string {
  return megabytes < 1000 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}

/** The message about a disk that is too full. */
export function diskMessage(path: string, freeMb: number, neededMb: number): string {
  return [
    `not enough room to build: the disk of ${path} has ${size(freeMb)} free, ${size(neededMb)} are needed;`,
    "make room (docs/toolchain.md says what each cache takes and how to clear it),",
    "or put the caches elsewhere: SEAMLESS_CACHE, GOCACHE, GOMODCACHE",
  ].join("\n  ");
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch {
    const above = dirname(path);
    return above === path ? path : nearestExisting(above);
  }
}

async function sizeMb(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    bytes += (file?.blocks ?? 0) * 512;
  }
  return bytes / mb;
}
