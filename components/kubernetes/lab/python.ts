import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { filesBelow } from "../../../lab/images/files";
import type { ImageFile } from "../../../util/docker";
import { execOrThrow } from "../../../util/exec";
import { cacheDir, checkoutDir } from "../../../util/paths";

const installMs = 5 * 60_000;
const prefix = "lab-python-";

/** The dashboard's packages with their digests, in the format of pip ("Requirements File Format"). */
function requirements(): string {
  return join(checkoutDir(), "toolchain", "modules", "dashboard", "requirements.txt");
}

/**
 * Puts the dashboard's Python packages into the cache, where they are not there yet. They are nothing but text, so that
 * it does not matter which Python the machine has.
 * @returns the folder
 */
export async function pythonPackages(say: (message: string) => void): Promise<string> {
  const hash = createHash("sha256").update(await readFile(requirements()));
  const name = `${prefix}${hash.digest("hex").slice(0, 12)}`;
  const folder = join(cacheDir(), name);
  if (existsSync(folder)) return folder;
  await mkdir(cacheDir(), { recursive: true });
  for (const old of await readdir(cacheDir())) {
    if (old.startsWith(prefix)) await rm(join(cacheDir(), old), { recursive: true });
  }
  say("installing the dashboard's Python packages");
  const partial = `${folder}.${randomUUID()}`;
  try {
    await execOrThrow(
      [
        ...["pip3", "install", "--quiet", "--disable-pip-version-check", "--no-input"],
        ...["--no-compile", "--no-deps", "--only-binary=:all:", "--require-hashes"],
        ...["--requirement", requirements(), "--target", partial],
      ],
      { timeoutMs: installMs },
    );
    // Starters for the machine's own Python, which the image has no use for.
    await rm(join(partial, "bin"), { recursive: true, force: true });
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

/** The packages at their place in an image. */
export function packageFiles(folder: string, at: string): ImageFile[] {
  return filesBelow(folder).map((path) => ({
    path: join(at, path),
    content: { from: join(folder, path) },
  }));
}
