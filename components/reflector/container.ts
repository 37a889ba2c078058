import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type DockerAccess, dockerEnv } from "../../util/docker-host";
import { describeFailure, exec, execOrThrow } from "../../util/exec";
import { inScratch } from "../../util/scratch";
import { complaint } from "./gobgp/complaint";
import type { Gobgpd } from "./gobgp/reload";

/** Where gobgpd finds its configuration in the container; on a volume, so that it outlives the container. */
export const configFolder = "/etc/gobgp";
const configName = "gobgpd.toml";
export const configFile = `${configFolder}/${configName}`;

/** Nobody's number on any usual system: neither a person's nor a service's. */
export const user = "65530";

/** gobgpd would answer questions about itself on a TCP port, too. */
export const noListeners = ["--pprof-disable", "--metrics-path="];

/** gobgpd has some ten threads a core at most, and each `gobgp` as many for a moment. */
const processLimit = 512;

/** Where its API answers, in memory that only its own user can look into: it lets everybody change everything. */
export const apiFolder = "/run/gobgp";
export const gobgpApi = `unix://${apiFolder}/api.sock`;

/** A gobgpd in a container of a Docker daemon; the image has no shell, so files go in and out by `docker cp`. */
export function containerGobgpd(access: DockerAccess, container: string): Gobgpd {
  const env = dockerEnv(access);
  const docker = async (args: readonly string[]) =>
    (await execOrThrow(["docker", ...args], { env })).stdout;
  /** One that an older version of this program has made answers where gobgp asks by itself. */
  const targetOf = async () => {
    const command = JSON.parse(await docker(["inspect", "--format", "{{json .Args}}", container]));
    return z.array(z.string()).parse(command).includes(gobgpApi) ? ["--target", gobgpApi] : [];
  };
  let target: string[] | undefined;
  return {
    name: container,
    read: () => copyOut(env, container),
    async check(text) {
      // In a container of its own: this works as well when gobgpd does not run because of its file.
      const image = (await docker(["inspect", "--format", "{{.Image}}", container])).trim();
      const run = ["docker", "run", "--rm", "-i", ...locked, "--entrypoint", "gobgpd", image];
      const argv = [...run, "-t", "toml", "-d", "-f", "/dev/stdin", ...noListeners];
      const result = await exec(argv, { env, input: text });
      if (result.code !== 0) throw new Error(complaint(result));
    },
    write: (text) => copyIn(env, text, container),
    async hangUp() {
      await docker(["kill", "--signal", "HUP", container]);
    },
    async restart() {
      await docker(["restart", container]);
    },
    async ask(args) {
      target ??= await targetOf();
      return docker(["exec", container, "gobgp", ...target, "-j", ...args]);
    },
  };
}

/** Reflectors by name, each to be asked. */
export function daemonsOf(
  reflectors: Readonly<Record<string, DockerAccess & { readonly container: string }>>,
): Record<string, Gobgpd> {
  return Object.fromEntries(
    Object.entries(reflectors).map(([name, { container, ...access }]) => [
      name,
      containerGobgpd(access, container),
    ]),
  );
}

/**
 * Sets how many processes a container may have; Pulumi's Docker provider has no such setting. It outlives restarts.
 * Never an error: a machine may not be able to limit them.
 */
export async function limitProcesses(
  access: DockerAccess,
  container: string,
  say: (message: string) => void,
): Promise<void> {
  const argv = ["docker", "update", "--pids-limit", String(processLimit), container];
  const result = await exec(argv, { env: dockerEnv(access) });
  if (result.code !== 0)
    say(`${container}: no limit of processes: ${describeFailure(argv, result)}`);
}

/** A container that only reads its standard input needs nothing. */
const locked = [
  ...["--network", "none", "--read-only", "--cap-drop", "ALL"],
  ...["--security-opt", "no-new-privileges"],
];

/**
 * Puts the first configuration into a volume that has none, by a container that is never started. The file of a volume
 * that has one stays, and becomes readable for a gobgpd that is not root.
 */
export async function seedVolume(
  access: DockerAccess,
  image: string,
  volume: string,
  text: string,
): Promise<void> {
  const env = dockerEnv(access);
  const argv = ["docker", "create", "--network", "none", "--volume", `${volume}:${configFolder}`];
  // Never started; named only because an image need not say what it runs.
  const container = (await execOrThrow([...argv, image, "gobgpd"], { env })).stdout.trim();
  try {
    await copyIn(env, (await copyOut(env, container)) ?? text, container);
  } finally {
    await execOrThrow(["docker", "rm", container], { env });
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

function copyOut(env: Environment, container: string): Promise<string | undefined> {
  return inScratch("gobgp", async (scratch) => {
    const target = join(scratch, "file");
    const result = await exec(["docker", "cp", `${container}:${configFile}`, target], { env });
    return result.code === 0 ? readFile(target, "utf8") : undefined;
  });
}

/**
 * Owner and mode of the file, which may hold passwords: for gobgpd's own user, and for the root without capabilities that
 * it is in the host's network.
 */
const owned = { mode: 0o640, uid: Number(user), gid: 0 } as const;

/** By an archive, for `docker cp` would give a file of this machine the number of whoever runs it. */
async function copyIn(env: Environment, text: string, container: string): Promise<void> {
  const { Header } = await import("tar");
  const content = Buffer.from(text);
  const header = Buffer.alloc(block);
  new Header({ path: configName, type: "File", size: content.length, ...owned }).encode(header);
  const rest = Buffer.alloc(block - (content.length % block) + 2 * block);
  const input = Buffer.concat([header, content, rest]);
  await execOrThrow(["docker", "cp", "-", `${container}:${configFolder}`], { env, input });
}

/** Of which a tar archive is made. */
const block = 512;
