import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDir, checkoutDir } from "../util/paths";
import { pluginVersions, pulumiVersion, type Tool, tools } from "./catalogue";
import { linkAtomically, readMarker, toolDir } from "./store";

/** A program of ours that stands in for a release of Pulumi's that cannot be built from Go modules. */
export interface StandIn {
  readonly name: string;
  /** The version of the npm package it serves; the engine looks for exactly this one. */
  readonly version: string;
  /** Path in PULUMI_HOME. */
  readonly path: readonly string[];
  /** The compiled program. */
  readonly main: string;
}

/** All of them. */
export function standInPrograms(): readonly StandIn[] {
  const plugin = (name: "command" | "docker"): StandIn => ({
    name,
    version: pluginVersions[name],
    path: ["plugins", `resource-${name}-v${pluginVersions[name]}`, `pulumi-resource-${name}`],
    main: pluginMain(name),
  });
  const language: StandIn = {
    name: "language-nodejs",
    version: pulumiVersion,
    path: ["versions", pulumiVersion, "bin", "pulumi-language-nodejs"],
    main: pluginMain("language-nodejs"),
  };
  return [language, plugin("command"), plugin("docker")];
}

function pluginMain(plugin: string): string {
  return join(checkoutDir(), "dist", "toolchain", "plugins", plugin, "main.js");
}

const cliPath = ["versions", pulumiVersion, "bin", "pulumi"] as const;

/** Names in PULUMI_HOME of what is built: tool, its program, path. */
const built: readonly (readonly [string, string, readonly string[]])[] = [
  ["pulumi", "pulumi", cliPath],
  [
    "kubernetes-provider",
    "kubernetes-provider",
    ["plugins", `resource-kubernetes-v${pluginVersions.kubernetes}`, "pulumi-resource-kubernetes"],
  ],
];

/**
 * The PULUMI_HOME of this checkout. Its scripts name the checkout, and Pulumi keeps the selected stacks in it, so
 * every checkout has its own; the large files in it are hard links.
 */
export function pulumiHome(): string {
  const checkout = createHash("sha256").update(checkoutDir()).digest("hex").slice(0, 8);
  return join(cacheDir(), `pulumi-home-${pulumiVersion}-${checkout}`);
}

/** The built command line inside the home. */
export function homePulumi(): string {
  return join(pulumiHome(), ...cliPath);
}

/**
 * Brings PULUMI_HOME up to date with what is built: a few file system calls when nothing changed.
 * @returns the names of tools that are not built; the home is then left as it was.
 */
export async function ensureHome(): Promise<readonly string[]> {
  const folders = new Map<string, string>();
  const missing: string[] = [];
  for (const [name] of built) {
    const folder = toolDir(toolNamed(name));
    if ((await readMarker(folder)) === undefined) missing.push(name);
    else folders.set(name, folder);
  }
  if (missing.length > 0) return missing;
  const home = pulumiHome();
  for (const [name, program, path] of built) {
    await linkAtomically(join(folders.get(name) ?? "", program), join(home, ...path));
  }
  for (const { path, main } of standInPrograms()) {
    await writeScript(join(home, ...path), scriptFor(main));
  }
  return [];
}

function toolNamed(name: string): Tool {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no tool ${name} in the catalogue`);
  return tool;
}

/** The script the engine starts for a program of ours. */
export function scriptFor(main: string, checkout = checkoutDir()): string {
  const quoted = (path: string) => `'${path.replaceAll("'", `'\\''`)}'`;
  const light = join(checkout, "toolchain", "start", "light.js");
  return `#!/bin/sh\nexec node --require ${quoted(light)} ${quoted(main)} "$@"\n`;
}

async function writeScript(file: string, text: string): Promise<void> {
  if ((await readFile(file, "utf8").catch(() => "")) === text) return;
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text);
  await chmod(temporary, 0o755);
  await rename(temporary, file);
}
