import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TaskSpec } from "../protocol";
import type { SandboxFiles } from "./artefacts";

/** The programs that stand in for images: by repository, without tag or digest. */
export type Images = Readonly<Record<string, readonly string[]>>;

/** `quay.io/a/b:1@sha256:...` is of the repository `quay.io/a/b`. A colon before a slash belongs to a port. */
export function repositoryOf(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

/**
 * What a task runs: its own command, or what its image runs with the task's arguments after it. A command that is a
 * text is run by the shell instead of the image's program, as by Mesos.
 * @throws Error like one of a failed pull, which names the image and those there are
 */
export function commandOf(spec: TaskSpec, images: Images): string | readonly string[] {
  const { command, image } = spec;
  if (image === undefined) return command;
  const program = images[repositoryOf(image)];
  if (program === undefined) {
    const known = Object.keys(images).sort().join(", ") || "none";
    throw new Error(
      `Failed to pull image '${image}': no such image; this agent runs programs of its host in place of: ${known}`,
    );
  }
  return typeof command === "string" ? command : [...program, ...command];
}

/**
 * The files that a task finds in its sandbox, by path: those of its image and of all that it fetches.
 * @throws Error like one of Mesos' fetcher, which names the artefact and those there are
 */
export function sandboxFiles(
  { image, fetch = [] }: TaskSpec,
  files: SandboxFiles,
): Readonly<Record<string, readonly string[]>> {
  const own = image === undefined ? undefined : files[repositoryOf(image)];
  const found = { ...own };
  for (const uri of fetch) {
    const artefact = files[uri.slice(uri.lastIndexOf("/") + 1)];
    if (artefact === undefined) {
      const known = Object.keys(files).sort().join(", ") || "none";
      throw new Error(
        `Failed to fetch all URIs: '${uri}': this agent fetches nothing; it has programs of its host in place of: ${known}`,
      );
    }
    Object.assign(found, artefact);
  }
  return found;
}

/** Writes each file as a program that any user may run. */
export function writeFiles(
  sandbox: string,
  files: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [name, argv] of Object.entries(files)) {
    const path = join(sandbox, name);
    mkdirSync(dirname(path), { recursive: true });
    const words = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    writeFileSync(path, `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(path, 0o755);
  }
}
