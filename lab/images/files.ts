import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { ImageFile } from "../../util/docker";
import { toolsBin } from "../../util/paths";

/** The files below a folder, by their paths in it, in the order of their names. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** A file of an image, from a text. @param mode default: as the image's builder has it */
export const textFile = (path: string, content: string, mode?: number): ImageFile =>
  mode === undefined
    ? { path, content: { text: content } }
    : { path, content: { text: content }, mode };

export const link = (path: string, to: string): ImageFile => ({ path, content: { link: to } });

/** A program of the toolchain, by its name there. */
export const program = (path: string, name: string): ImageFile => ({
  path,
  content: { from: join(toolsBin(), name) },
  mode: 0o755,
});
