import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec, execOrThrow } from "../../util/exec";
import { complaint } from "./complaint";
import type { Gobgpd } from "./reload";

/** Where gobgpd finds its configuration in the container; on a volume, so that it outlives the container. */
export const configFolder = "/etc/gobgp";
export const configFile = `${configFolder}/gobgpd.toml`;

/** A gobgpd in a container of a Docker daemon; the image has no shell, so files go in and out by `docker cp`. */
export function containerGobgpd(dockerHost: string | undefined, container: string): Gobgpd {
  const env = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  const docker = async (args: readonly string[]) =>
    (await execOrThrow(["docker", ...args], { env })).stdout;
  return {
    name: container,
    read: () =>
      inScratch(async (scratch) => {
        const target = join(scratch, "file");
        const argv = ["docker", "cp", `${container}:${configFile}`, target];
        const result = await exec(argv, { env });
        return result.code === 0 ? readFile(target, "utf8") : undefined;
      }),
    async check(text) {
      // In a container of its own: this works as well when gobgpd does not run because of its file.
      const image = (await docker(["inspect", "--format", "{{.Image}}", container])).trim();
      const run = ["docker", "run", "--rm", "-i", "--network", "none", image, "gobgpd"];
      const argv = [...run, "-t", "toml", "-d", "-f", "/dev/stdin", "--pprof-disable"];
      const result = await exec(argv, { env, input: text });
      if (result.code !== 0) throw new Error(complaint(result));
    },
    write: (text) => copyIn(env, text, `${container}:${configFile}`),
    async hangUp() {
      await docker(["kill", "--signal", "HUP", container]);
    },
    async restart() {
      await docker(["restart", container]);
    },
    ask: (args) => docker(["exec", container, "gobgp", "-j", ...args]),
  };
}

/** Puts the first configuration into a volume that has none, by a container that is never started. */
export async function seedVolume(
  dockerHost: string | undefined,
  image: string,
  volume: string,
  text: string,
): Promise<void> {
  const env = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  const argv = ["docker", "create", "--network", "none", "--volume", `${volume}:${configFolder}`];
  const container = (await execOrThrow([...argv, image], { env })).stdout.trim();
  try {
    const found = await exec(["docker", "cp", `${container}:${configFile}`, "-"], { env });
    if (found.code !== 0) await copyIn(env, text, `${container}:${configFile}`);
  } finally {
    await execOrThrow(["docker", "rm", container], { env });
  }
}

function copyIn(env: Readonly<Record<string, string>>, text: string, target: string) {
  return inScratch(async (scratch) => {
    const source = join(scratch, "file");
    await writeFile(source, text);
    await execOrThrow(["docker", "cp", source, target], { env });
  });
}

async function inScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), "seamless-gobgp-"));
  try {
    return await use(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
