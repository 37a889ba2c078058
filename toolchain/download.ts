import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { describeFailure, exec } from "../util/exec";
import type { Tool } from "./catalogue";
import { DownloadError, Downloads, type Limits } from "./http";
import { duration, type Say, withTicker } from "./progress";
import { addressOf, connectMs, type ReleaseFile, type Source } from "./releases";

const mb = 1_000_000;

/** A download that takes longer than building is no gain. */
export function limitsFor({ cost }: Pick<Tool, "cost">): Limits {
  const totalMs = Math.max(120, cost.seconds) * 1000;
  return { connectMs, quietMs: 15_000, totalMs, mostBytes: 600 * mb };
}

/**
 * Puts a tool's programs into a folder, from its release. A program is there only when the file it comes from has the
 * checksum that upstream publishes.
 * @throws DownloadError when a file cannot be had, or is another
 */
export async function downloadRelease(
  files: readonly ReleaseFile[],
  results: string,
  source: Exclude<Source, { kind: "off" }>,
  limits: Limits,
  label: string,
  say: Say,
): Promise<void> {
  const downloads = new Downloads(limits);
  const had = new Map<string, number>();
  const describe = () => {
    const sum = [...had.values()].reduce((all, bytes) => all + bytes, 0);
    return `${label}: ${(sum / mb).toFixed(0)} MB downloaded`;
  };
  try {
    await withTicker(say, describe, async () => {
      for (const [index, file] of files.entries()) {
        const work = join(results, `.download-${index}`);
        await mkdir(work);
        const path = join(work, basename(new URL(file.url).pathname));
        const address = addressOf(file.url, source);
        const sum = await wantedSum(file, downloads);
        const got = await downloads.file(address, path, (bytes) => had.set(address, bytes));
        if (got !== sum)
          throw new DownloadError(
            `${address} is not what upstream published: SHA-256 ${got}, published ${sum}`,
          );
        await unpack(file, path, results);
        await rm(work, { recursive: true });
      }
    });
  } finally {
    await downloads.close();
  }
}

/** Upstream's list is asked of upstream only: a mirror cannot vouch for itself. */
async function wantedSum(file: ReleaseFile, downloads: Downloads): Promise<string> {
  if (file.sha256 !== undefined) return file.sha256;
  if (file.sums === undefined) throw new DownloadError(`${file.url} has no published checksum`);
  const sum = sumIn(await downloads.text(file.sums), basename(new URL(file.url).pathname));
  if (sum === undefined) throw new DownloadError(`${file.sums} has no SHA-256 of ${file.url}`);
  return sum;
}

/** The SHA-256 of a file in a list as sha256sum prints it, or in a text that is nothing but one sum. */
export function sumIn(list: string, name: string): string | undefined {
  const sums = list
    .trim()
    .split("\n")
    .map((line) => /^([0-9a-f]{64})(?:\s+\*?(?:\.\/)?(\S+))?\s*$/i.exec(line.trim()));
  const named = sums.find((found) => found?.[2] === name);
  const alone = sums.length === 1 && sums[0]?.[2] === undefined ? sums[0] : undefined;
  return (named ?? alone)?.[1]?.toLowerCase();
}

async function unpack(file: ReleaseFile, path: string, results: string): Promise<void> {
  const folder = join(path, "..");
  const archive = /\.(tgz|tar\.gz)$/.test(path);
  if (archive) {
    const argv = ["tar", "--extract", "--gzip", "--no-same-owner", "--file", path];
    const result = await exec([...argv, "--directory", folder], { timeoutMs: 300_000 });
    if (result.code !== 0) throw new DownloadError(describeFailure(argv, result));
  }
  for (const [program, name] of Object.entries(file.programs)) {
    const found = archive ? await findFile(folder, name) : path;
    if (found === undefined) throw new DownloadError(`${file.url} has no file ${name} in it`);
    await chmod(found, 0o755);
    await rename(found, join(results, program));
  }
}

async function findFile(folder: string, name: string): Promise<string | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && entry.name === name);
  return found === undefined ? undefined : join(found.parentPath, found.name);
}

/** Said when a release cannot be had and the tool is built. */
export function fallbackMessage(label: string, error: DownloadError, { cost }: Tool): string {
  return `${label}: not downloaded: ${error.message}; it is built instead, about ${duration(cost.seconds)}`;
}
