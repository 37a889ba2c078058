import { realpathSync, statSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, sep } from "node:path";
import { exitCode, messageOf, SeamlessError } from "../util/errors";
import { exec } from "../util/exec";
import { cacheDir } from "../util/paths";
import { pulumiVersion } from "./catalogue";
import { atLeast, findProgram } from "./prerequisites";

/** Which pulumi runs the program, and why, for people. */
export type Choice =
  | { readonly kind: "own"; readonly why: string }
  | {
      readonly kind: "path";
      readonly program: string;
      readonly version: string;
      readonly why: string;
    };

/** What the choice depends on besides the environment; tests put their own here. */
export interface Probes {
  /** The version a program reports, "3.250.0", or undefined when it does not run. */
  version(program: string): Promise<string | undefined>;
  /** Whether plugin releases can be downloaded. */
  releasesReachable(): Promise<boolean>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Pulumi's releases are downloaded from. */
const releases = "https://get.pulumi.com";
const reachTimeoutMs = 2_000;
/** How long an answer is believed: a laptop changes networks, and a wrong answer only means the other, equal way. */
const rememberMs = 4 * 60 * 60_000;

/**
 * Decides which pulumi is used. SEAMLESS_PULUMI=own or =path decides by itself; else the one on PATH, when it is
 * recent enough and could download its plugins; else the built one.
 */
export async function choosePulumi(
  env: Environment = process.env,
  probes: Probes = realProbes,
): Promise<Choice> {
  const wish = env.SEAMLESS_PULUMI ?? "";
  if (wish !== "" && wish !== "own" && wish !== "path") {
    throw new SeamlessError(
      `SEAMLESS_PULUMI=${wish}: not known; use own (the built one) or path (the one on PATH), or unset it`,
      exitCode.usage,
    );
  }
  if (wish === "own") return { kind: "own", why: "SEAMLESS_PULUMI=own" };
  const program = pulumiOnPath(env);
  if (program === undefined) {
    if (wish === "path")
      throw new SeamlessError(
        "SEAMLESS_PULUMI=path: there is no pulumi on PATH; install it, or unset SEAMLESS_PULUMI to use the built one",
        exitCode.usage,
      );
    return { kind: "own", why: "there is no pulumi on PATH" };
  }
  const version = await probes.version(program);
  if (wish === "path")
    return { kind: "path", program, version: version ?? "unknown", why: "SEAMLESS_PULUMI=path" };
  if (version === undefined) return { kind: "own", why: `${program} does not tell its version` };
  if (!atLeast(version, pulumiVersion))
    return { kind: "own", why: `${program} is ${version}, older than ${pulumiVersion}` };
  if (!(await probes.releasesReachable()))
    return { kind: "own", why: `${releases} cannot be reached, so ${program} lacks its plugins` };
  return { kind: "path", program, version, why: "on PATH, and its plugins can be downloaded" };
}

/**
 * The pulumi that PATH finds, passing over those that are no installation of it: npm's launchers (this project's is
 * one, and it must not find itself) and what we have built.
 */
export function pulumiOnPath(env: Environment): string | undefined {
  const launcher = join("toolchain", "launcher", "pulumi.js");
  const cache = realOrSame(cacheDir(env)) + sep;
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    if (folder === "" || `${folder}${sep}`.includes(`${sep}node_modules${sep}`)) continue;
    const file = findProgram("pulumi", folder, []);
    if (file === undefined) continue;
    const real = realOrSame(file);
    if (real.includes(`${sep}node_modules${sep}`) || real.endsWith(launcher)) continue;
    if (!real.startsWith(cache)) return file;
  }
  return undefined;
}

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const realProbes: Probes = {
  version: (program) => remembered(`version ${identity(program)}`, () => askVersion(program)),
  async releasesReachable() {
    const answer = await remembered(`reach ${releases}`, async () =>
      (await reach(releases)) ? "yes" : "no",
    );
    return answer === "yes";
  },
};

/** Changes when the program is replaced. */
function identity(program: string): string {
  const real = realOrSame(program);
  const { mtimeMs, size } = statSync(real);
  return `${real} ${size} ${mtimeMs}`;
}

async function askVersion(program: string): Promise<string | undefined> {
  const env = { PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { stdout } = await exec([program, "version"], { env, timeoutMs: 10_000 });
  return /^v?(\d+\.\d+\.\d+)/.exec(stdout.trim())?.[1];
}

async function reach(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(reachTimeoutMs) });
    return true;
  } catch {
    return false;
  }
}

type Memory = Record<string, { readonly answer: string; readonly at: number } | undefined>;

/** Asks once in some hours. A memory that cannot be read or written only costs time. */
async function remembered(
  question: string,
  ask: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const file = join(cacheDir(), "pulumi-choice.json");
  const memory: Memory = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => ({}));
  const now = Date.now();
  const fresh = Object.entries(memory).filter(
    ([, known]) => known !== undefined && now - known.at < rememberMs && now >= known.at,
  );
  const known = new Map(fresh).get(question);
  if (known !== undefined) return known.answer;
  const answer = await ask();
  if (answer === undefined) return undefined;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      `${file}.${process.pid}`,
      JSON.stringify({ ...Object.fromEntries(fresh), [question]: { answer, at: now } }),
    );
    await rename(`${file}.${process.pid}`, file);
  } catch (error) {
    if (process.env.SEAMLESS_DEBUG) process.stderr.write(`${file}: ${messageOf(error)}\n`);
  }
  return answer;
}
