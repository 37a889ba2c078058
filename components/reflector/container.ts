import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { describeFailure, exec, execOrThrow } from "../../util/exec";
import type { Gobgpd } from "./reload";

/** Where gobgpd finds its configuration in the container; on a volume, so that it outlives the container. */
export const configFolder = "/etc/gobgp";
export const configFile = `${configFolder}/gobgpd.toml`;
const candidateFile = `${configFolder}/candidate.toml`;

const neighborList = z.array(
  z.object({
    conf: z.object({ neighbor_address: z.string(), peer_asn: z.number().default(0) }),
    state: z.object({ peer_asn: z.number().default(0) }).optional(),
  }),
);

/** A gobgpd in a container of a Docker daemon; the image has no shell, so files go in and out by `docker cp`. */
export function containerGobgpd(dockerHost: string | undefined, container: string): Gobgpd {
  const env = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  const docker = (args: readonly string[]) => execOrThrow(["docker", ...args], { env });
  const put = (text: string, path: string) =>
    inScratch(async (scratch) => {
      await writeFile(join(scratch, "file"), text);
      await docker(["cp", join(scratch, "file"), `${container}:${path}`]);
    });
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
      await put(text, candidateFile);
      const argv = ["docker", "exec", container, "gobgpd", "-t", "toml", "-d", "-f", candidateFile];
      const result = await exec(argv, { env });
      if (result.code !== 0) throw new Error(describeFailure(argv, result));
    },
    write: (text) => put(text, configFile),
    async hangUp() {
      await docker(["kill", "--signal", "HUP", container]);
    },
    async restart() {
      await docker(["restart", container]);
    },
    async neighbors() {
      const { stdout } = await docker(["exec", container, "gobgp", "-j", "neighbor"]);
      const peers = neighborList.parse(JSON.parse(stdout === "" ? "[]" : stdout) ?? []);
      return Object.fromEntries(
        peers.map(({ conf, state }) => [
          conf.neighbor_address,
          conf.peer_asn || (state?.peer_asn ?? 0),
        ]),
      );
    },
  };
}

/** Puts the first configuration into a volume, by a container that is never started. */
export async function seedVolume(
  dockerHost: string | undefined,
  image: string,
  volume: string,
  text: string,
): Promise<void> {
  const env = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  const argv = ["docker", "create", "--network", "none", "--volume", `${volume}:${configFolder}`];
  const created = await execOrThrow([...argv, image], { env });
  const container = created.stdout.trim();
  try {
    await inScratch(async (scratch) => {
      await writeFile(join(scratch, "file"), text);
      const target = `${container}:${configFile}`;
      await execOrThrow(["docker", "cp", join(scratch, "file"), target], { env });
    });
  } finally {
    await execOrThrow(["docker", "rm", container], { env });
  }
}

async function inScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), "seamless-gobgp-"));
  try {
    return await use(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
