import type { TaskSpec } from "../protocol";

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
