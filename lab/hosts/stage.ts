import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { HostFiles } from "./types";

const wants = "units/multi-user.target.wants";

/** What staging one host's files changed. */
export interface Staged {
  /** Units to start or to start again. */
  readonly units: readonly string[];
}

/**
 * Makes a host's folder hold exactly its files: what is as it should be is not touched, what is not wanted goes.
 * Files are replaced by renaming, so that a running host never reads half of one.
 */
export async function stage(folder: string, host: HostFiles): Promise<Staged> {
  const wanted = new Map<string, { text: string; secret: boolean }>();
  for (const file of host.files)
    wanted.set(file.path, { text: file.text, secret: file.secret ?? false });
  for (const unit of host.units)
    wanted.set(`units/${unit.name}`, { text: unit.text, secret: false });
  const links = new Set(host.units.map((unit) => `${wants}/${unit.name}`));

  await mkdir(join(folder, wants), { recursive: true, mode: 0o755 });
  for (const path of await pathsBelow(folder)) {
    if (!wanted.has(path) && !links.has(path)) await rm(join(folder, path));
  }
  const changed = new Set<string>();
  for (const [path, { text, secret }] of wanted) {
    const target = join(folder, path);
    if ((await readFile(target, "utf8").catch(() => undefined)) === text) continue;
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(`${target}.new`, text, { mode: secret ? 0o600 : 0o644 });
    await rename(`${target}.new`, target);
    changed.add(path);
  }
  for (const unit of host.units) {
    await symlink(`../${unit.name}`, join(folder, wants, unit.name)).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  return {
    units: host.units
      .filter(
        (unit) => changed.has(`units/${unit.name}`) || unit.reads.some((path) => changed.has(path)),
      )
      .map((unit) => unit.name),
  };
}

async function pathsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
