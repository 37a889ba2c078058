import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { dockerEnv } from "./docker-host";
import { describeFailure, exec, execOrThrow } from "./exec";
import { inScratch } from "./scratch";

/** One file of an image. */
export interface ImageFile {
  /** In the image, from its root, without a leading slash. */
  readonly path: string;
  readonly content:
    | { readonly text: string }
    /** A file of the machine. */
    | { readonly from: string }
    /** A symbolic link. */
    | { readonly link: string }
    /** An empty folder; its mode is given. */
    | { readonly folder: true };
  /** Default: 0644. */
  readonly mode?: number;
}

/** An image: what it starts from, what is added, and how it runs. */
export interface ImageSpec {
  readonly tag: string;
  /** Another image's tag; `scratch` for nothing. */
  readonly from: string;
  readonly files: readonly ImageFile[];
  /** Further instructions of the Dockerfile, after the files are in. */
  readonly instructions: readonly string[];
}

/** An image that a daemon has. */
export interface DockerImage {
  readonly id: string;
  /** The names it has in registries, by digest. */
  readonly digests: readonly string[];
}

const inspected = z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() });

const label = "seamless.inputs";
const buildMs = 10 * 60_000;

/** Runs docker against one daemon, with the old builder: the new one is not everywhere and wants a network. */
export class Docker {
  /** @param host default: DOCKER_HOST, else the machine's own */
  constructor(private readonly host?: string) {}

  run(args: readonly string[], timeoutMs = 60_000) {
    return execOrThrow(["docker", ...args], { env: this.env(), timeoutMs });
  }

  /** The value of our label on an image, or undefined when there is no such image. */
  async inputsOf(tag: string): Promise<string | undefined> {
    const format = `{{index .Config.Labels "${label}"}}`;
    const argv = ["docker", "image", "inspect", "--format", format, tag];
    const result = await exec(argv, { env: this.env() });
    return result.code === 0 ? result.stdout.trim() : undefined;
  }

  /** An image by tag, digest or id; undefined when it is not there. */
  async image(reference: string): Promise<DockerImage | undefined> {
    const argv = ["docker", "image", "inspect", "--format", "{{json .}}", reference];
    const result = await exec(argv, { env: this.env() });
    if (result.code === 0) {
      const { Id, RepoDigests } = inspected.parse(JSON.parse(result.stdout));
      return { id: Id, digests: RepoDigests ?? [] };
    }
    // Anything else is a daemon that does not answer.
    if (/no such image/i.test(result.stderr)) return undefined;
    throw new Error(describeFailure(argv, result));
  }

  /** Fetches an image from its registry. */
  async pull(reference: string): Promise<void> {
    await this.run(["pull", "--quiet", reference], buildMs);
  }

  /** Makes an image of a root archive, unless it is there. */
  async import(archive: string, tag: string): Promise<void> {
    if ((await this.inputsOf(tag)) === archive) return;
    await this.run(["import", "--change", `LABEL ${label}=${archive}`, archive, tag], buildMs);
  }

  /** Builds an image, unless one of the same inputs is there. @returns a digest of the inputs */
  async build(spec: ImageSpec): Promise<string> {
    const base = spec.from === "scratch" ? "" : await this.inputsOf(spec.from);
    const inputs = await digest(spec, base ?? "");
    if ((await this.inputsOf(spec.tag)) === inputs) return inputs;
    await inScratch("image", async (folder) => {
      await writeContext(folder, spec, inputs);
      const argv = ["build", "--quiet", "--network", "none", "--force-rm", "--tag", spec.tag];
      await this.run([...argv, folder], buildMs);
    });
    return inputs;
  }

  /** Writes images into one archive that `ctr images import` takes. */
  async save(tags: readonly string[], archive: string): Promise<void> {
    await this.run(["save", "--output", archive, ...tags], buildMs);
  }

  private env() {
    return { ...dockerEnv({ dockerHost: this.host }), DOCKER_BUILDKIT: "0" };
  }
}

async function writeContext(folder: string, spec: ImageSpec, inputs: string): Promise<void> {
  const root = join(folder, "root");
  await mkdir(root);
  for (const file of spec.files) await writeImageFile(join(root, file.path), file);
  const dockerfile = [
    `FROM ${spec.from}`,
    ...(spec.files.length === 0 ? [] : ["COPY root/ /"]),
    ...spec.instructions,
    `LABEL ${label}=${inputs}`,
  ];
  await writeFile(join(folder, "Dockerfile"), `${dockerfile.join("\n")}\n`);
}

async function writeImageFile(path: string, { content, mode }: ImageFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if ("link" in content) return symlink(content.link, path);
  if ("folder" in content) await mkdir(path);
  else if ("text" in content) await writeFile(path, content.text);
  else await copyFile(content.from, path);
  await chmod(path, mode ?? 0o644);
}

async function digest(spec: ImageSpec, base: string): Promise<string> {
  const hash = createHash("sha256").update(base).update(JSON.stringify(spec));
  for (const { content } of spec.files) {
    if ("from" in content)
      for await (const chunk of createReadStream(content.from)) hash.update(chunk);
  }
  return hash.digest("hex").slice(0, 16);
}
