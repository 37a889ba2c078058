import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cacheDir, toolsBin } from "../util/paths";
import { buildFlags, moduleDir, type Tool } from "./catalogue";

/** Written last into the folder of a tool: its presence says that the folder is complete. */
export const markerName = "built.json";

/** Files of a module folder that decide what is built, as sorted relative paths. */
function sourceFiles(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(below, entry.name);
      if (entry.isDirectory()) return sourceFiles(folder, path);
      return /^go\.(mod|sum)$|\.go$/.test(entry.name) ? [path] : [];
    })
    .sort();
}

/** Changes whenever something changes that the build depends on and that the version does not tell. */
export function buildHash(tool: Tool, folder = moduleDir(tool)): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([tool.packages, buildFlags(tool), process.platform, process.arch]));
  hash.update(JSON.stringify([tool.embeds ?? null, tool.programs]));
  for (const file of sourceFiles(folder)) {
    hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex").slice(0, 12);
}

/** The folder with all versions of all tools. */
export function storeDir(): string {
  return join(cacheDir(), "tools");
}

/** The folder with the programs of a tool of exactly this version, flags and checksums. */
export function toolDir(tool: Tool): string {
  return join(storeDir(), `${tool.name}-${tool.version}-${buildHash(tool)}`);
}

/** What the marker of a tool says. */
export interface Built {
  readonly seconds: number;
  readonly at: string;
  /** The Go it was built with. */
  readonly go?: string;
  /** The files of the release it was taken from. */
  readonly from?: readonly string[];
}

/** Reads the marker of a tool; undefined when it is not built. */
export async function readMarker(folder: string): Promise<Built | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, markerName), "utf8"));
  } catch {
    return undefined;
  }
}

/** Names in the folder of tools -> the program each has to be. */
export function linksOf(tool: Tool, folder: string): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(tool.programs).flatMap(([program, names]) =>
      names.map((name): [string, string] => [join(toolsBin(), name), join(folder, program)]),
    ),
  );
}

/** True when both names are one file. */
export function sameFile(one: string, other: string): boolean {
  const a = statSync(one, { throwIfNoEntry: false });
  const b = statSync(other, { throwIfNoEntry: false });
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

/**
 * Makes `name` the same file as `target`, whatever it was before, in one step that readers cannot see half done.
 * A hard link, not a symbolic one: the folder of tools is mounted into the lab's hosts without the folder it links to,
 * and Pulumi looks for its language host beside the file that a symbolic link resolves to.
 * @returns true when something had to be changed.
 */
export async function linkAtomically(target: string, name: string): Promise<boolean> {
  if (sameFile(target, name)) return false;
  await mkdir(dirname(name), { recursive: true });
  const temporary = join(dirname(name), `.${basename(name)}.${process.pid}`);
  await rm(temporary, { force: true });
  await link(target, temporary);
  if (await isFolder(name)) await rm(name, { recursive: true });
  await rename(temporary, name);
  // rename() leaves both names when they are already the same file.
  await rm(temporary, { force: true });
  return true;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
