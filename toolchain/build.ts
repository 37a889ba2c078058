import {
  access,
  chmod,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { exitCode, SeamlessError } from "../util/errors";
import type { ExecResult } from "../util/exec";
import { cacheDir } from "../util/paths";
import { type Assets, buildFlags, type Embeds, moduleDir, type Tool } from "./catalogue";
import { runGo } from "./go";
import { GoOutput } from "./goOutput";
import { takeLock } from "./lock";
import { duration, type Say, withTicker } from "./progress";
import { releaseOf, releaseSource } from "./releases";
import {
  type Built,
  linkAtomically,
  linksOf,
  markerName,
  readMarker,
  sameFile,
  storeDir,
  toolDir,
} from "./store";

/** A cold build of the largest tool takes five minutes on two cores; a machine ten times slower still gets there. */
export const buildTimeoutMs = 60 * 60_000;

const downloadTimeoutMs = 10 * 60_000;

/** What changes nothing in what a program does: no look at version control, and nothing for debuggers, which the linker drops. */
const quickerFlags = ["-buildvcs=false", "-gcflags=all=-dwarf=false"];

/** What was done for a tool. */
export type Outcome =
  | { readonly kind: "present" }
  | { readonly kind: "absent" }
  | { readonly kind: "built" | "downloaded"; readonly seconds: number };

/** How a tool may come: its release, which is left at that where there is none to be had, or a build. */
export type Way = "download" | "build";

/** How much of a tool there is; "incomplete" when names or data files are missing, which are made in no time. */
export type Presence = "ready" | "incomplete" | "absent";

/** Looks for a tool, its names and its data files. Starts no program. */
export async function presenceOf(tool: Tool): Promise<Presence> {
  const folder = toolDir(tool);
  if ((await readMarker(folder)) === undefined) return "absent";
  if (tool.assets !== undefined && !(await exists(assetsDir(tool.assets)))) return "incomplete";
  const linked = [...linksOf(tool, folder)].every(([name, target]) => sameFile(name, target));
  return linked ? "ready" : "incomplete";
}

/**
 * Makes a tool available: builds or downloads it unless it is there, links its names, copies its data files. Two at once
 * wait for each other; what another process built meanwhile is not built again.
 * @param position says how far the whole installation is: "2/5".
 */
export async function ensureTool(
  tool: Tool,
  position: string,
  say: Say,
  way: Way = "build",
): Promise<Outcome> {
  const what = `${tool.name} ${tool.version}`;
  const lock = await takeLock(join(storeDir(), `${tool.name}.lock`), {
    what,
    timeoutMs: buildTimeoutMs,
    onWait: (message) => say(`${position} ${message}`),
  });
  try {
    const folder = toolDir(tool);
    let outcome: Outcome = { kind: "present" };
    if ((await readMarker(folder)) === undefined) {
      const make = way === "build" ? build : download;
      outcome = await make(tool, folder, `${position} ${what}`, say);
      if (outcome.kind === "absent") return outcome;
    }
    for (const [name, target] of linksOf(tool, folder)) await linkAtomically(target, name);
    if (tool.assets !== undefined) await copyAssets(tool, tool.assets, `${position} ${what}`, say);
    return outcome;
  } finally {
    await lock.release();
  }
}

/** Makes a tool in a folder beside its place, and puts it there when it is complete. */
async function make(
  tool: Tool,
  folder: string,
  work: (folder: string, results: string) => Promise<Omit<Built, "seconds" | "at">>,
): Promise<number> {
  const start = performance.now();
  await removeLeftovers(tool);
  const beside = join(storeDir(), `${workPrefix(tool)}${process.pid}`);
  const results = join(beside, "results");
  await mkdir(results, { recursive: true });
  try {
    const about = await work(beside, results);
    const seconds = Math.round((performance.now() - start) / 1000);
    await checkResults(tool, results);
    const marker: Built = { seconds, at: new Date().toISOString(), ...about };
    await writeFile(join(results, markerName), `${JSON.stringify(marker)}\n`);
    // A folder without marker is left by nobody but a user's hand; it is in the way of the rename.
    await rm(folder, { recursive: true, force: true });
    await rename(results, folder);
    return seconds;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/** Downloads the tool's release; says why where it cannot be had. */
async function download(tool: Tool, folder: string, label: string, say: Say): Promise<Outcome> {
  const source = releaseSource();
  const files = releaseOf(tool);
  if (source.kind === "off" || files.length === 0) return { kind: "absent" };
  const { downloadRelease, fallbackMessage, limitsFor } = await import("./download.js");
  const { DownloadError } = await import("./http.js");
  try {
    const seconds = await make(tool, folder, async (_, results) => {
      await downloadRelease(files, results, source, limitsFor(tool), label, say);
      return { from: files.map(({ url }) => url) };
    });
    say(`${label}: downloaded in ${duration(seconds)}, as published`);
    return { kind: "downloaded", seconds };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    say(fallbackMessage(label, error, tool));
    return { kind: "absent" };
  }
}

async function build(tool: Tool, folder: string, label: string, say: Say): Promise<Outcome> {
  say(`${label}: building ${Object.keys(tool.programs).join(", ")} from Go modules`);
  const output = new GoOutput();
  const seconds = await make(tool, folder, async (work, results) => {
    const source =
      tool.embeds === undefined
        ? moduleDir(tool)
        : await prepareSource(tool, tool.embeds, join(work, "source"), label, say);
    const argv = ["go", "build", "-v", ...buildFlags(tool), ...quickerFlags];
    const result = await withTicker(
      say,
      () => `${label}: ${output.describe()}`,
      () =>
        runGo([...argv, "-o", `${results}/`, ...tool.packages], source, {
          timeoutMs: buildTimeoutMs,
          onStderr: (text) => output.add(text),
        }),
    );
    if (result.code !== 0) throw buildError(tool, result, output);
    return { go: (await goVersion(source)).trim() };
  });
  say(`${label}: built in ${duration(seconds)}, ${output.packages} packages compiled`);
  return { kind: "built", seconds };
}

function workPrefix(tool: Tool): string {
  return `.building-${tool.name}-${tool.version}-`;
}

/** What killed builds left; the lock is held, so nobody else's build of this tool can be running. */
async function removeLeftovers(tool: Tool): Promise<void> {
  for (const name of await readdir(storeDir())) {
    if (name.startsWith(workPrefix(tool)))
      await rm(join(storeDir(), name), { recursive: true, force: true });
  }
}

async function goVersion(cwd: string): Promise<string> {
  return (await runGo(["go", "env", "GOVERSION"], cwd)).stdout;
}

/** The folder of a module's files in Go's module cache, downloaded when missing and checked against go.sum. */
async function moduleFiles(tool: Tool, module: string, label: string, say: Say): Promise<string> {
  const argv = ["go", "mod", "download", "-json", module];
  const result = await withTicker(
    say,
    () => `${label}: downloading ${module}`,
    () => runGo(argv, moduleDir(tool), { timeoutMs: downloadTimeoutMs }),
  );
  const dir: unknown = result.code === 0 ? JSON.parse(result.stdout).Dir : undefined;
  if (typeof dir !== "string" || dir === "") {
    throw buildError(tool, result, new GoOutput());
  }
  return dir;
}

/** A copy of the module folder with the files to embed beside our main, so that a build writes nothing in the checkout. */
async function prepareSource(
  tool: Tool,
  embeds: Embeds,
  source: string,
  label: string,
  say: Say,
): Promise<string> {
  await cp(moduleDir(tool), source, { recursive: true });
  const origin = await moduleFiles(tool, embeds.module, label, say);
  for (const { from, to, set } of embeds.files) {
    const original = JSON.parse(await readFile(join(origin, from), "utf8"));
    await writeFile(join(source, to), JSON.stringify({ ...original, ...set }));
  }
  return source;
}

async function checkResults(tool: Tool, results: string): Promise<void> {
  const found = new Set(await readdir(results));
  const missing = Object.keys(tool.programs).filter((name) => !found.has(name));
  if (missing.length > 0)
    throw new Error(`${tool.name}: go build made no ${missing.join(", ")} in ${results}`);
}

function buildError(tool: Tool, result: ExecResult, output: GoOutput): SeamlessError {
  const said = output.messages.length > 0 ? output.messages : result.stderr.trim().split("\n");
  const lines = said.slice(-15).map((line) => `  ${line}`);
  return new SeamlessError(
    [
      `building ${tool.name} ${tool.version} failed: go: ${result.failure ?? `exit code ${result.code}`}`,
      ...lines,
      `  ${adviceFor(said.join("\n"))}`,
      "  what was compiled so far is kept: run `make toolchain` again and it goes on from there",
    ].join("\n"),
    exitCode.operationFailed,
  );
}

/** What to do about the faults of a build that are the machine's, recognised by what go prints. */
export function adviceFor(output: string): string {
  if (/no space left on device/.test(output))
    return "the disk is full; docs/toolchain.md says how much each cache takes and how to clear it";
  if (/checksum mismatch|SECURITY ERROR/.test(output))
    return "a module is not what go.sum says: do not switch the check off; clear the module cache (go clean -modcache) and see docs/toolchain.md";
  if (/dial tcp|no such host|i\/o timeout|connection refused|TLS handshake/.test(output))
    return "the Go module proxy cannot be reached; `go env GOPROXY` says which one is asked";
  if (/signal: killed|cannot allocate memory/.test(output))
    return "the machine ran out of memory; a build needs about 3 GiB, or less with GOMAXPROCS=1";
  return "see the lines above";
}

/** Where the data files of a tool are. */
export function assetsDir(assets: Assets): string {
  return join(cacheDir(), assets.folder);
}

async function copyAssets(tool: Tool, assets: Assets, label: string, say: Say): Promise<void> {
  const target = assetsDir(assets);
  if (await exists(target)) return;
  const origin = await moduleFiles(tool, assets.module, label, say);
  const work = join(storeDir(), `${workPrefix(tool)}assets-${process.pid}`);
  await rm(work, { recursive: true, force: true });
  for (const path of assets.paths) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await cp(join(origin, path), join(work, path), { recursive: true });
  }
  await openModes(work);
  await rename(work, target);
}

/** Go's module cache is read-only and knows no executable files; scripts become executable again (rc.local has no #!). */
async function openModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openModes(path);
    else if (entry.isFile()) {
      const start = (await readFile(path)).subarray(0, 2).toString();
      const script = start === "#!" || entry.name === "rc.local";
      await chmod(path, script ? 0o755 : 0o644);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
