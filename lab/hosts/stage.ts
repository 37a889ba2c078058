import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { HostFiles } from "../contract";

const wants = "units/multi-user.target.wants";

/** Lists the units that are to be started again, while that is not done: a killed run is made up for by the next. */
const pendingFile = "restart-pending";

/** What staging one host's files changed. */
export interface Staged {
  /** Units to start or to start again. */
  readonly units: readonly string[];
  /** Units that are not wanted any more, and are to be stopped. */
  readonly gone: readonly string[];
  /** Notes that this was done; until then the next staging names them again. */
  done(): Promise<void>;
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
  const changed = new Set<string>();
  for (const [path, { text }] of wanted) {
    const found = await readFile(join(folder, path), "utf8").catch(() => undefined);
    if (found !== text) changed.add(path);
  }
  const pending = join(folder, pendingFile);
  const left = (await readFile(pending, "utf8").catch(() => "")).split("\n");
  const units = host.units
    .filter(
      ({ name, reads }) =>
        left.includes(name) || [`units/${name}`, ...reads].some((path) => changed.has(path)),
    )
    .map(({ name }) => name);
  if (units.length > 0) await replace(pending, units.join("\n"), 0o644);

  const gone: string[] = [];
  for (const path of await pathsBelow(folder)) {
    const kept = wanted.has(path) || links.has(path) || path === pendingFile;
    if (kept) continue;
    await rm(join(folder, path));
    const [parent, unit = "", ...below] = path.split("/");
    if (parent === "units" && below.length === 0) gone.push(unit);
  }
  for (const [path, { text, secret }] of wanted) {
    if (changed.has(path)) await replace(join(folder, path), text, secret ? 0o600 : 0o644);
  }
  for (const unit of host.units) {
    await symlink(`../${unit.name}`, join(folder, wants, unit.name)).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  return { units, gone: gone.sort(), done: () => rm(pending, { force: true }) };
}

async function replace(target: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await writeFile(`${target}.new`, text, { mode });
  await rename(`${target}.new`, target);
}

async function pathsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
