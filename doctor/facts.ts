import { readFileSync } from "node:fs";
import { readFile, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { release } from "node:os";
import { delimiter, dirname } from "node:path";
import { labNamespaces } from "../lab/machine/namespace";
import { presenceOf } from "../toolchain/build";
import type { Tool } from "../toolchain/catalogue";
import { type Choice, choosePulumi } from "../toolchain/choose";
import { findProgram } from "../toolchain/prerequisites";
import { messageOf } from "../util/errors";
import { exec } from "../util/exec";
import { cacheDir, toolsBin } from "../util/paths";
import type { NeededProgram } from "./types";

/** What this machine has, as far as it matters. */
export interface Facts {
  /** Of Node.js. */
  readonly node: string;
  readonly root: boolean;
  /** Which pulumi is used, or why that cannot be told. */
  readonly pulumi: Choice | { readonly error: string };
  /** By program: where it is, and the first line it says of its version; undefined where it is not there. */
  readonly programs: Readonly<Record<string, FoundProgram | undefined>>;
  /** Tools that are not built yet, by name. */
  readonly absentTools: readonly string[];
  readonly disk: { readonly path: string; readonly freeMb: number };
  readonly memory: { readonly totalMb: number; readonly availableMb: number };
  readonly kernel: {
    readonly release: string;
    readonly filesystems: readonly string[];
    readonly namespaces: readonly string[];
  };
  /** Ports that somebody listens on. */
  readonly takenPorts: readonly number[];
  /** Namespaces of labs that run. */
  readonly labs: readonly string[];
}

export interface FoundProgram {
  readonly path: string;
  readonly version?: string;
}

export interface FactsAsk {
  readonly programs: readonly NeededProgram[];
  readonly tools: readonly Tool[];
  readonly ports: readonly number[];
}

/** Looks at the machine, and changes nothing. */
export async function readFacts(ask: FactsAsk): Promise<Facts> {
  const [pulumi, programs, absent, disk, memory, taken, labs, kernel] = await Promise.all([
    choosePulumi().catch((thrown) => ({ error: messageOf(thrown) })),
    Promise.all(ask.programs.map(async (one) => [one.program, await lookFor(one)] as const)),
    absentOf(ask.tools),
    freeDisk(cacheDir()),
    memoryMb(),
    takenOf(ask.ports),
    labNamespaces().catch(() => []),
    kernelFacts(),
  ]);
  return {
    node: process.versions.node,
    root: process.getuid?.() === 0,
    ...{ pulumi, disk, memory, kernel, labs },
    programs: Object.fromEntries(programs),
    absentTools: absent,
    takenPorts: taken,
  };
}

async function lookFor({ program, version }: NeededProgram): Promise<FoundProgram | undefined> {
  const path = findProgram(program, [process.env.PATH ?? "", toolsBin()].join(delimiter));
  if (path === undefined || version === undefined) return path === undefined ? path : { path };
  const { stdout, stderr } = await exec([path, ...version], { timeoutMs: 10_000 });
  const [said] = (stdout.trim() || stderr.trim()).split("\n");
  return said === undefined || said === "" ? { path } : { path, version: said };
}

async function absentOf(tools: readonly Tool[]): Promise<string[]> {
  const all = await Promise.all(
    tools.map(async (tool) => ((await presenceOf(tool)) === "absent" ? [tool.name] : [])),
  );
  return all.flat();
}

async function freeDisk(path: string): Promise<Facts["disk"]> {
  const there = await stat(path).catch(() => undefined);
  const above = dirname(path);
  if (there === undefined && above !== path) return freeDisk(above);
  const { bavail, bsize } = await statfs(path);
  return { path, freeMb: Math.floor((bavail * bsize) / 1_000_000) };
}

async function memoryMb(): Promise<Facts["memory"]> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  const mb = (name: string) => Math.floor((kib(name) * 1024) / 1_000_000);
  return { totalMb: mb("MemTotal"), availableMb: mb("MemAvailable") };
}

/** Ports that cannot be listened on at the loopback address. */
async function takenOf(ports: readonly number[]): Promise<number[]> {
  const taken = await Promise.all(
    ports.map(
      (port) =>
        new Promise<number[]>((resolve) => {
          const server = createServer();
          server.once("error", () => resolve([port]));
          server.listen(port, "127.0.0.1", () => server.close(() => resolve([])));
        }),
    ),
  );
  return taken.flat();
}

async function kernelFacts(): Promise<Facts["kernel"]> {
  const filesystems = await readFile("/proc/filesystems", "utf8").catch(() => "");
  const namespaces = await Promise.all(
    ["net", "mnt", "pid"].map(async (name) =>
      (await stat(`/proc/self/ns/${name}`).catch(() => undefined)) === undefined ? [] : [name],
    ),
  );
  return {
    release: release(),
    filesystems: filesystems.split("\n").flatMap((line) => line.split("\t").at(-1) ?? []),
    namespaces: namespaces.flat(),
  };
}

/** The oldest Node.js that package.json allows. */
export function oldestNode(packageFile: string): string {
  const { engines }: { engines?: { node?: string } } = JSON.parse(
    readFileSync(packageFile, "utf8"),
  );
  return (engines?.node ?? "").replace(/^>=\s*/, "");
}
