import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type DockerAccess, dockerEnv } from "../../util/docker-host";
import { describeFailure, exec, execOrThrow } from "../../util/exec";
import { inScratch } from "../../util/scratch";
import { daemonAt } from "../ask/shell";
import type { Askable, RouterDaemon, RouterKind } from "./contract";
import { routerAsk, routerKind } from "./kinds";
import { user } from "./names";

/** A Go program has some ten threads a core at most, and each that asks it as many for a moment. */
const processLimit = 512;

/**
 * A daemon in a container of a Docker daemon; the image may have no shell, so files go in and out by `docker cp`.
 */
export function containerDaemon(
  kind: RouterKind,
  access: DockerAccess,
  container: string,
): RouterDaemon {
  const env = dockerEnv(access);
  const { configFile } = kind.container;
  const docker = async (args: readonly string[], input?: string) =>
    (await execOrThrow(["docker", ...args], { env, ...(input === undefined ? {} : { input }) }))
      .stdout;
  let client: readonly string[] | undefined;
  const ask = async (args: readonly string[], input?: string) => {
    client ??= kind.client(
      kind.apiOf(await docker(["inspect", "--format", "{{json .Args}}", container])),
    );
    const interactive = input === undefined ? [] : ["--interactive"];
    return docker(["exec", ...interactive, container, ...client, ...args], input);
  };
  return {
    kind,
    name: container,
    read: () => copyOut(env, container, configFile),
    async check(text) {
      // In a container of its own: this works as well when the daemon does not run because of its file.
      const image = (await docker(["inspect", "--format", "{{.Image}}", container])).trim();
      const [program = "", ...args] = kind.check.argv;
      const run = ["docker", "run", "--rm", "-i", ...locked, "--entrypoint", program, image];
      const result = await exec([...run, ...args], { env, input: text });
      const complaint = kind.check.complaint(result);
      if (complaint !== undefined) throw new Error(complaint);
    },
    write: (text) => copyIn(env, text, container, configFile),
    async hangUp() {
      if ("signal" in kind.reload) {
        await docker(["kill", "--signal", kind.reload.signal, container]);
        return;
      }
      if ("apply" in kind.reload) {
        const file = await copyOut(env, container, configFile);
        if (file === undefined) throw new Error(`${configFile}: not there`);
        return kind.reload.apply({ ask }, file);
      }
      const refusal = kind.reload.refusal(await ask(kind.reload.args));
      if (refusal !== undefined) throw new Error(refusal);
    },
    async restart() {
      await docker(["restart", container]);
    },
    ask,
  };
}

/** How one reflector is reached: in its container, or by a program of the user's. */
export type Reached =
  | (DockerAccess & { readonly container: string; readonly kind?: string })
  | { readonly program: string; readonly argv: readonly string[] };

/** Reflectors by name, each to be asked. */
export function daemonsOf(reflectors: Readonly<Record<string, Reached>>): Record<string, Askable> {
  return Object.fromEntries(
    Object.entries(reflectors).map(([name, reached]) => [name, askableAt(name, reached)]),
  );
}

function askableAt(name: string, reached: Reached): Askable {
  if ("container" in reached) {
    const { container, kind, ...access } = reached;
    return containerDaemon(routerKind(kind), access, container);
  }
  const { client, read } = routerAsk(reached.program);
  const { ask } = daemonAt(client, { via: "command", ...reached }, name);
  return { ask, kind: { neighbors: async (daemon) => (await read(daemon)).neighbors } };
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
 * that has one stays, and becomes readable for a daemon that is not root.
 */
export async function seedVolume(
  { daemon, container: { configFolder, configFile } }: RouterKind,
  access: DockerAccess,
  image: string,
  volume: string,
  text: string,
): Promise<void> {
  const env = dockerEnv(access);
  const argv = ["docker", "create", "--network", "none", "--volume", `${volume}:${configFolder}`];
  // Never started; named only because an image need not say what it runs.
  const container = (await execOrThrow([...argv, image, daemon], { env })).stdout.trim();
  try {
    const file = (await copyOut(env, container, configFile)) ?? text;
    await copyIn(env, file, container, configFile);
  } finally {
    await execOrThrow(["docker", "rm", container], { env });
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** How Docker says that there is no such file, or no such container; all else is no answer to what was asked. */
const absent = /could not find the file|no such container/i;

/** Undefined where there is no such file. @throws Error when Docker does not say */
function copyOut(env: Environment, container: string, file: string): Promise<string | undefined> {
  return inScratch("reflector", async (scratch) => {
    const target = join(scratch, "file");
    const argv = ["docker", "cp", `${container}:${file}`, target];
    const result = await exec(argv, { env });
    if (result.code === 0) return readFile(target, "utf8");
    if (absent.test(result.stderr)) return undefined;
    throw new Error(describeFailure(argv, result));
  });
}

/**
 * Owner and mode of the file, which may hold passwords: for the daemon's own user, and for the root without capabilities that
 * it is in the host's network.
 */
const owned = { mode: 0o640, uid: Number(user), gid: 0 } as const;

/** By an archive, for `docker cp` would give a file of this machine the number of whoever runs it. */
async function copyIn(
  env: Environment,
  text: string,
  container: string,
  file: string,
): Promise<void> {
  const { Header } = await import("tar");
  const content = Buffer.from(text);
  const header = Buffer.alloc(block);
  new Header({ path: basename(file), type: "File", size: content.length, ...owned }).encode(header);
  const rest = Buffer.alloc(block - (content.length % block) + 2 * block);
  const input = Buffer.concat([header, content, rest]);
  await execOrThrow(["docker", "cp", "-", `${container}:${dirname(file)}`], { env, input });
}

/** Of which a tar archive is made. */
const block = 512;
