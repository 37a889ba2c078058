import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

function base(env: Environment, own: string, xdg: string, fallback: readonly string[]): string {
  const chosen = env[own];
  if (chosen) return resolve(chosen);
  const xdgBase = env[xdg];
  return join(xdgBase ? resolve(xdgBase) : join(env.HOME ?? homedir(), ...fallback), "seamless");
}

/** Where built tools and images are kept between runs: SEAMLESS_CACHE, or the XDG cache folder. Safe to delete. */
export function cacheDir(env: Environment = process.env): string {
  return base(env, "SEAMLESS_CACHE", "XDG_CACHE_HOME", [".cache"]);
}

/** Where the Pulumi state, its passphrase and the running lab's files are: SEAMLESS_STATE, or the XDG state folder. */
export function stateDir(env: Environment = process.env): string {
  return base(env, "SEAMLESS_STATE", "XDG_STATE_HOME", [".local", "state"]);
}

/** The folder with the built command-line tools (pulumi, calicoctl, ...), all as links of one name each. */
export function toolsBin(env: Environment = process.env): string {
  return join(cacheDir(env), "bin");
}

/** The checkout, seen from the compiled or the source folder of this file. */
export function checkoutDir(): string {
  const above = join(__dirname, "..");
  return above.endsWith("/dist") ? join(above, "..") : above;
}
