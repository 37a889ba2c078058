import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { archiveOf, type RootFilesystem, rootArchive } from "../../util/debian";
import type { ImageSpec } from "../../util/docker";
import { messageOf, SeamlessError } from "../../util/errors";
import { execOrThrow } from "../../util/exec";
import { inScratch } from "../../util/scratch";

/** Programs of Debian that an image is made of. */
export interface DebianPrograms {
  /** For messages. */
  readonly name: string;
  readonly system: RootFilesystem;
  /** Paths in it. */
  readonly programs: readonly string[];
}

/** The programs and the libraries that they load, as files of a folder in the cache. */
export interface ProgramFiles {
  readonly folder: string;
  readonly files: readonly string[];
}

/**
 * Makes the folder where it is not there yet.
 * @throws SeamlessError with what to do where it cannot be made
 */
export async function debianPrograms(
  wanted: DebianPrograms,
  say: (message: string) => void,
): Promise<ProgramFiles> {
  const folder = archiveOf(wanted.system).replace(/\.tar$/, "-programs");
  if (!existsSync(folder)) {
    try {
      await take(wanted, await rootArchive(wanted.system, say), folder);
    } catch (thrown) {
      throw new SeamlessError(
        `${wanted.name} of the reflector's image cannot be made: ${messageOf(thrown)}; needed: mmdebstrap, run by root; or name an image by reflectors.<name>.image`,
      );
    }
  }
  return { folder, files: await filesIn(folder) };
}

/** The same as files of an image. */
export function imageFiles({ folder, files }: ProgramFiles): ImageSpec["files"] {
  return files.map((path) => ({ path, content: { from: join(folder, path) }, mode: 0o755 }));
}

async function take(
  { name, programs }: DebianPrograms,
  archive: string,
  folder: string,
): Promise<void> {
  const partial = `${folder}.${randomUUID()}`;
  try {
    await inScratch(name, async (root) => {
      await execOrThrow(["tar", "-C", root, "--exclude=./dev/*", "-xf", archive]);
      for (const path of new Set([...programs, ...(await librariesOf(root, programs))])) {
        const target = join(partial, path);
        await mkdir(dirname(target), { recursive: true });
        // A library has a link with the name that it is loaded by.
        await copyFile(await realpath(join(root, path)), target);
      }
    });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Asks the root's own dynamic loader, which is one of them. */
async function librariesOf(root: string, programs: readonly string[]): Promise<string[]> {
  const folders = (await readdir(root)).filter((name) => /^lib\d*$/.test(name));
  const found = await Promise.all(
    folders.map(async (name) => (await readdir(join(root, name))).map((file) => `${name}/${file}`)),
  );
  const loader = found.flat().find((path) => /\/ld-linux\S*\.so\.\d+$/.test(path));
  if (loader === undefined) throw new Error(`no dynamic loader in ${folders.join(", ")}`);
  const lists = await Promise.all(
    programs.map((program) => execOrThrow(["chroot", root, `/${loader}`, "--list", `/${program}`])),
  );
  const libraries = lists.flatMap(({ stdout }) =>
    [...stdout.matchAll(/(?:=> |^\s*)\/(\S+) \(0x/gm)].map(([, path = ""]) => path),
  );
  return [loader, ...libraries];
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
