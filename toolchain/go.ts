import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ExecOptions, type ExecResult, exec } from "../util/exec";
import { cacheDir, checkoutDir } from "../util/paths";

type Environment = Readonly<Record<string, string | undefined>>;

const caches = { GOCACHE: "build", GOMODCACHE: "mod" } as const;

/** The folder with Go's caches that are ours: what is in it is needed by nothing once all is built. */
export function ownGoCaches(env: Environment = process.env): string {
  return join(cacheDir(env), "go");
}

/** What go itself would use, on this machine. */
interface Defaults {
  readonly modules: string;
  readonly proxy: string;
}

/**
 * The environment of every run of go. Caches that the user names in the environment are used as they are; else ours,
 * which can be cleared without taking anything from anybody's own builds. What these have downloaded is taken from
 * there, so that it needs no network a second time; go.sum decides about it as about every other source.
 */
export function goEnvironment(
  env: Environment,
  { modules, proxy }: Defaults,
): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  for (const [name, folder] of Object.entries(caches))
    if (!env[name]) own[name] = join(ownGoCaches(env), folder);
  const downloaded = join(modules, "cache", "download");
  if (own.GOMODCACHE !== undefined && modules !== "" && existsSync(downloaded))
    own.GOPROXY = [pathToFileURL(downloaded).href, proxy].filter(Boolean).join(",");
  // The compiler collects its garbage as often as a small machine needs it; less often, it takes a tenth less time.
  if (!env.GOGC) own.GOGC = "400";
  // No C compiler, and no workspace file of a folder above.
  return { ...own, CGO_ENABLED: "0", GOWORK: "off" };
}

let asked: Promise<Defaults> | undefined;

async function defaults(): Promise<Defaults> {
  const { stdout } = await exec(["go", "env", "GOMODCACHE", "GOPROXY"], { cwd: checkoutDir() });
  const [modules = "", proxy = ""] = stdout.split("\n");
  return { modules, proxy };
}

/** Every run of go; no child is left behind when we are ended. */
export async function runGo(
  argv: readonly string[],
  cwd: string,
  options: ExecOptions = {},
): Promise<ExecResult> {
  asked ??= defaults();
  const env = goEnvironment(process.env, await asked);
  const ended = new AbortController();
  const abort = () => ended.abort();
  process.once("exit", abort);
  try {
    return await exec(argv, { cwd, env, signal: ended.signal, ...options });
  } finally {
    process.off("exit", abort);
  }
}

/** Deletes Go's caches that are ours, and no other. Nobody may be building meanwhile. */
export async function clearGoCaches(env: Environment = process.env): Promise<void> {
  const folder = ownGoCaches(env);
  if (!existsSync(folder)) return;
  // Sources of modules are read-only; go knows how to delete them.
  if (!env.GOMODCACHE) await runGo(["go", "clean", "-modcache"], checkoutDir());
  await rm(folder, { recursive: true, force: true });
}
