import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { Docker } from "../../util/docker";
import { dockerEnv } from "../../util/docker-host";
import { exec, execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import type { MachineNames } from "./names";
import { inNamespace } from "./namespace";
import { runningPid, startDaemon, stopDaemon } from "./process";

const startMs = 60_000;
const stopMs = 60_000;

/**
 * Starts the lab's containerd and Docker daemon in its namespace, unless they run. They share nothing with the
 * machine's: left to itself, Docker would use the containerd of a distribution's service, read the machine's
 * daemon.json, and take /var/run/docker.pid.
 * @returns whether Docker had to be started
 */
export async function startDocker(names: MachineNames): Promise<boolean> {
  await mkdir(names.dataRoot, { recursive: true });
  await startContainerd(names);
  if ((await runningPid(names.pidFile, hostFlag(names))) !== undefined) {
    if (await answers(names)) return false;
    // It is on its way up, started by a run that was interrupted, or stuck; a fresh one tells which.
    await stopDaemon(names.pidFile, hostFlag(names), stopMs);
  }
  const config = join(names.folder, "docker.json");
  await writeFile(config, "{}\n");
  const ownPidFile = join(names.execRoot, "docker.pid");
  await rm(ownPidFile, { force: true });
  const argv = [
    "dockerd",
    `--config-file=${config}`,
    "--bridge=none",
    `--containerd=${containerdSocket(names)}`,
    `--data-root=${names.dataRoot}`,
    `--exec-root=${names.execRoot}`,
    hostFlag(names),
    `--pidfile=${ownPidFile}`,
    `--add-runtime=seamless=${join(toolsBin(), "lab-runc")}`,
    "--default-runtime=seamless",
  ];
  await startDaemon({
    what: `the lab's Docker daemon at ${names.dockerHost}`,
    argv: inNamespace(names, argv),
    pidFile: names.pidFile,
    mark: hostFlag(names),
    log: names.log,
    ready: () => answers(names),
    timeoutMs: startMs,
  });
  return true;
}

/** A daemon that was killed ends what it finds running, and its restart policies do not count that as a failure. */
export async function startContainers(names: MachineNames): Promise<void> {
  const docker = new Docker(names.dockerHost);
  const filter = ["--filter", "status=exited", "--filter", "status=dead"];
  const { stdout } = await docker.run(["ps", "--all", "--quiet", ...filter]);
  const ids = stdout.split("\n").filter((id) => id !== "");
  if (ids.length > 0) await docker.run(["start", ...ids], startMs);
}

/** Ends both, and unmounts what they leave when they were killed. Containers must have been removed before. */
export async function stopDocker(names: MachineNames): Promise<void> {
  await stopDaemon(names.pidFile, hostFlag(names), stopMs);
  await stopDaemon(names.containerdPidFile, containerdSocket(names), stopMs);
  await unmountAt(names.execRoot);
  await unmountAt(names.dataRoot);
  await rm(names.execRoot, { recursive: true, force: true });
}

/** Removes everything in the daemon but the images that have a name. */
export async function emptyDocker(names: MachineNames): Promise<void> {
  const docker = new Docker(names.dockerHost);
  const { stdout } = await docker.run(["ps", "--all", "--quiet"]);
  const ids = stdout.split("\n").filter((id) => id !== "");
  if (ids.length > 0) await docker.run(["rm", "--force", "--volumes", ...ids], stopMs);
  const volumes = (await docker.run(["volume", "ls", "--quiet"])).stdout
    .split("\n")
    .filter((volume) => volume !== "");
  if (volumes.length > 0) await docker.run(["volume", "rm", "--force", ...volumes]);
  await docker.run(["network", "prune", "--force"]);
  await docker.run(["image", "prune", "--force"]);
}

async function startContainerd(names: MachineNames): Promise<void> {
  const socket = containerdSocket(names);
  if (await listens(socket)) return;
  await stopDaemon(names.containerdPidFile, socket, stopMs);
  const runFolder = join(names.execRoot, "containerd");
  await mkdir(runFolder, { recursive: true, mode: 0o711 });
  const config = join(names.folder, "containerd.toml");
  // Docker needs no CRI. The folders are those of a containerd that Docker starts by itself.
  const lines = [
    "version = 2",
    `root = ${JSON.stringify(join(names.dataRoot, "containerd", "daemon"))}`,
    `state = ${JSON.stringify(join(runFolder, "daemon"))}`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    "[grpc]",
    `  address = ${JSON.stringify(socket)}`,
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  await startDaemon({
    what: "the lab's containerd",
    argv: inNamespace(names, ["containerd", "--config", config, "--address", socket]),
    pidFile: names.containerdPidFile,
    mark: socket,
    log: names.containerdLog,
    ready: () => listens(socket),
    timeoutMs: startMs,
  });
}

const containerdSocket = (names: MachineNames) =>
  join(names.execRoot, "containerd", "containerd.sock");

const hostFlag = (names: MachineNames) => `--host=${names.dockerHost}`;

async function answers(names: MachineNames): Promise<boolean> {
  const argv = ["docker", "version", "--format", "{{.Server.Version}}"];
  return (await exec(argv, { env: dockerEnv(names), timeoutMs: 5_000 })).code === 0;
}

/** Whether something accepts connections at a socket's path. */
function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** What Docker leaves mounted: its folder of images on itself, and all the rest when it was killed. */
export async function unmountAt(path: string): Promise<void> {
  // The kernel lists mounts by their real paths.
  const folder = await realpath(path).catch(() => path);
  const mounts = (await readFile("/proc/self/mounts", "utf8"))
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((mount) => mount === folder || mount.startsWith(`${folder}/`))
    .reverse();
  for (const mount of mounts) await execOrThrow(["umount", "--lazy", mount]);
}
