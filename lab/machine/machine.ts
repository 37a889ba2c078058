import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCode, SeamlessError } from "../../util/errors";
import { exec, execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { type MachineNames, machineNames } from "./names";
import { runningPid, startDaemon, stopDaemon } from "./process";
import { prepareSysctls, restoreSysctls } from "./sysctls";

export interface MachineSpec {
  /** The lab's name. */
  readonly name: string;
  /** What is reachable from the machine, by a name: a loopback port, and where it leads inside the lab. */
  readonly forwards: Readonly<Record<string, { readonly port: number; readonly to: string }>>;
}

const startMs = 60_000;
const stopMs = 60_000;

/**
 * Makes the machine of a lab: a network namespace without a way out, and in it a Docker daemon of its own. Whatever a
 * container does, nothing leaves the namespace, so the machine needs neither guard routes nor firewall rules.
 * Does nothing where all is there already.
 * @returns where Docker listens
 */
export async function machineUp(spec: MachineSpec): Promise<string> {
  const names = machineNames(spec.name);
  await mkdir(names.folder, { recursive: true, mode: 0o700 });
  await prepareSysctls(names.sysctls);
  await makeNamespace(names);
  await startDocker(names);
  await startForwards(spec, names);
  return names.dockerHost;
}

/** Takes it all away but the images; nothing that is not the lab's is touched. Fine when there is nothing, too. */
export async function machineDown(name: string): Promise<void> {
  const names = machineNames(name);
  await stopDaemon(names.forwardPidFile, "forward.js", stopMs);
  if (await hasNamespace(names)) {
    // One that was killed has left its containers running; it alone knows them all.
    await mkdir(names.folder, { recursive: true, mode: 0o700 });
    await startDocker(names);
    await removeContainers(names);
  }
  await stopDaemon(names.pidFile, names.socket, stopMs);
  await unmountAt(names.execRoot);
  await unmountAt(names.dataRoot);
  await rm(names.execRoot, { recursive: true, force: true });
  if (await hasNamespace(names)) await execOrThrow(["ip", "netns", "delete", names.namespace]);
  await restoreSysctls(names.sysctls);
  await rm(names.folder, { recursive: true, force: true });
}

async function hasNamespace(names: MachineNames): Promise<boolean> {
  const { stdout } = await execOrThrow(["ip", "netns", "list"]);
  return stdout.split("\n").some((line) => line.split(" ")[0] === names.namespace);
}

async function makeNamespace(names: MachineNames): Promise<void> {
  if (!(await hasNamespace(names))) await execOrThrow(["ip", "netns", "add", names.namespace]);
  await execOrThrow(["ip", "-n", names.namespace, "link", "set", "lo", "up"]);
}

/** Runs in the namespace but for its network on the machine: `ip netns exec` would hide the cgroups. */
function inNamespace(names: MachineNames, argv: readonly string[]): string[] {
  return ["nsenter", `--net=/run/netns/${names.namespace}`, ...argv];
}

async function startDocker(names: MachineNames): Promise<void> {
  let started: number | undefined;
  if ((await runningPid(names.pidFile, names.socket)) === undefined) {
    await rm(names.pidFile, { force: true });
    await mkdir(names.dataRoot, { recursive: true });
    const argv = [
      "dockerd",
      "--bridge=none",
      `--data-root=${names.dataRoot}`,
      `--exec-root=${names.execRoot}`,
      `--host=${names.dockerHost}`,
      `--pidfile=${names.pidFile}`,
      `--add-runtime=seamless=${join(toolsBin(), "lab-runc")}`,
      "--default-runtime=seamless",
    ];
    started = startDaemon(inNamespace(names, argv), names.log);
  }
  const what = `the lab's Docker daemon at ${names.dockerHost}`;
  await waitFor({ what, timeoutMs: startMs }, async () => {
    const ask = ["version", "--format", "{{.Server.Version}}"];
    const argv = ["docker", "--host", names.dockerHost, ...ask];
    if ((await exec(argv, { timeoutMs: 5_000 })).code === 0)
      return { done: true, value: undefined };
    const seen = await lastLines(names.log);
    if (started !== undefined && !existsSync(`/proc/${started}/exe`))
      throw new SeamlessError(`the lab's Docker daemon ended; it said: ${seen}`);
    return { done: false, seen };
  });
}

async function startForwards(spec: MachineSpec, names: MachineNames): Promise<void> {
  const argv = Object.entries(spec.forwards).map(([name, one]) => `${name}=${one.port}=${one.to}`);
  const mark = argv.join("\0");
  const running = await runningPid(names.forwardPidFile, "forward.js");
  if (running !== undefined) {
    const commandLine = await readFile(`/proc/${running}/cmdline`, "utf8");
    if (commandLine.includes(mark)) return;
    await stopDaemon(names.forwardPidFile, "forward.js", stopMs);
  }
  if (argv.length === 0) return;
  for (const [name, { port }] of Object.entries(spec.forwards)) await assertFree(name, port);
  const program = [process.execPath, join(__dirname, "forward.js"), "outer", names.folder];
  const pid = startDaemon([...program, `/run/netns/${names.namespace}`, ...argv], names.forwardLog);
  await writeFile(names.forwardPidFile, `${pid}\n`);
  for (const { port } of Object.values(spec.forwards)) {
    await waitFor({ what: `the forward at 127.0.0.1:${port}`, timeoutMs: 10_000 }, async () =>
      (await owner(port)) === undefined
        ? { done: false, seen: await lastLines(names.forwardLog) }
        : { done: true, value: undefined },
    );
  }
}

/** @throws SeamlessError that names who has the port. */
async function assertFree(name: string, port: number): Promise<void> {
  const who = await owner(port);
  if (who === undefined) return;
  throw new SeamlessError(
    `lab.ports.${name}: 127.0.0.1:${port} is taken by ${who}; end that program or set another port`,
    exitCode.usage,
  );
}

/** Who listens on a TCP port of the machine, as `ss` has it. */
async function owner(port: number): Promise<string | undefined> {
  const { stdout } = await exec(["ss", "-Hltnp", `sport = :${port}`]);
  const line = stdout.trim().split("\n")[0] ?? "";
  if (line === "") return undefined;
  const [, name = "another program", pid = ""] = /users:\(\("([^"]+)",pid=(\d+)/.exec(line) ?? [];
  return pid === "" ? name : `${name} (process ${pid})`;
}

async function removeContainers(names: MachineNames): Promise<void> {
  const docker = ["docker", "--host", names.dockerHost];
  const { stdout } = await execOrThrow([...docker, "ps", "--all", "--quiet"]);
  const ids = stdout.split("\n").filter((id) => id !== "");
  if (ids.length > 0)
    await execOrThrow([...docker, "rm", "--force", "--volumes", ...ids], { timeoutMs: stopMs });
  await execOrThrow([...docker, "volume", "prune", "--force"]);
  await execOrThrow([...docker, "network", "prune", "--force"]);
}

/** What Docker leaves mounted: its folder of images on itself, and all the rest when it was killed. */
async function unmountAt(path: string): Promise<void> {
  // The kernel lists mounts by their real paths.
  const folder = await realpath(path).catch(() => path);
  const mounts = (await readFile("/proc/self/mounts", "utf8"))
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((mount) => mount === folder || mount.startsWith(`${folder}/`))
    .reverse();
  for (const mount of mounts) await execOrThrow(["umount", "--lazy", mount]);
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim().split("\n").slice(-3).join("; ") || "nothing logged";
}
