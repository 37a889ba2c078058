import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { machineMirrors } from "./debian-mirrors";
import { execOrThrow } from "./exec";
import { cacheDir } from "./paths";

/** A root file system made from Debian packages. */
export interface RootFilesystem {
  readonly name: string;
  readonly suite: "bookworm" | "trixie";
  /** How much Debian there is beside the packages, in mmdebstrap's words; with `extract` nothing, not even a shell. */
  readonly variant: "minbase" | "essential" | "extract";
  readonly packages: readonly string[];
}

/** Documentation and translations, a third of such a system. */
const leftOut = ["/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*"];

/** Nobody is to wonder whether it still works. */
const sayEveryMs = 8_000;

/** Name of the archive: its contents follow from the packages, but for their versions. */
export function archiveOf(system: RootFilesystem): string {
  const hash = createHash("sha256").update(JSON.stringify(system)).digest("hex").slice(0, 12);
  return join(cacheDir(), `lab-${system.name}-${hash}.tar`);
}

/** Makes the archive where it is not in the cache yet. @returns its path */
export async function rootArchive(
  system: RootFilesystem,
  say: (message: string) => void,
): Promise<string> {
  const archive = archiveOf(system);
  if (existsSync(archive)) return archive;
  await mkdir(cacheDir(), { recursive: true });
  await removeOlder(system, archive);
  const what = `installing ${system.packages.length} Debian packages for the ${system.name} image`;
  say(what);
  const start = performance.now();
  let step = "";
  const remind = setInterval(() => {
    say(`${what}: ${Math.round((performance.now() - start) / 1000)} s${step}`);
  }, sayEveryMs);
  const partial = `${archive}.${randomUUID()}`;
  try {
    await execOrThrow(
      [
        "mmdebstrap",
        "--mode=root",
        "--format=tar",
        "--skip=check/qemu",
        `--variant=${system.variant}`,
        `--include=${system.packages.join(",")}`,
        ...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`),
        system.suite,
        partial,
        ...(await machineMirrors(system.suite)),
      ],
      {
        timeoutMs: 15 * 60_000,
        onStderr: (text) => {
          const last = /.*^I: ([^\n]+)$/ms.exec(text)?.[1];
          if (last !== undefined) step = `, ${last}`;
        },
      },
    );
    await rename(partial, archive);
  } finally {
    clearInterval(remind);
    await rm(partial, { force: true });
  }
  return archive;
}

async function removeOlder(system: RootFilesystem, archive: string): Promise<void> {
  const [before, after] = [`lab-${system.name}-`, ".tar"];
  for (const name of await readdir(cacheDir())) {
    const path = join(cacheDir(), name);
    if (path === archive || !name.startsWith(before) || !name.endsWith(after)) continue;
    // The name of another system may begin so, too.
    if (/^[0-9a-f]+$/.test(name.slice(before.length, -after.length))) await rm(path);
  }
}
