import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, execOrThrow } from "../../util/exec";

/** A process that is known again although its number may have been given to another one. */
export interface ProcessId {
  readonly pid: number;
  /** Start time in clock ticks since boot (proc(5), field 22 of `stat`). */
  readonly start: string;
}

/** The start time of a process that is there and is not a zombie. */
export function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name of the program, in parentheses, may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

export function isAlive({ pid, start }: ProcessId): boolean {
  return startOf(pid) === start;
}

/** Sends a signal to a process and all that it has started in its group. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}

export interface Program {
  readonly command: string | readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Working folder; `stdout` and `stderr` are written there. */
  readonly sandbox: string;
  /** Network namespace to run in. */
  readonly netns?: string;
  /** Whom to run as; without one, as the agent. */
  readonly user?: User;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A user of this system.
 * @throws Error when there is none of the name
 */
export function findUser(name: string, passwd = readFileSync("/etc/passwd", "utf8")): User {
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find(([first]) => first === name);
  if (fields === undefined) throw new Error(`Failed to get the user '${name}': no such user`);
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** The command line that runs a program of a task. */
export function commandLine(
  command: string | readonly string[],
  netns?: string,
  user?: User,
): string[] {
  const argv = typeof command === "string" ? ["/bin/sh", "-c", command] : [...command];
  // The namespace is entered first: only root may.
  return [
    ...(netns === undefined ? [] : ["nsenter", `--net=${netns}`]),
    ...(user === undefined
      ? []
      : ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"]),
    ...argv,
  ];
}

/**
 * Starts a program in a session of its own, so that it lives on when the agent ends.
 * `onExit` is told the exit code, or the signal that ended it.
 */
export function startProgram(
  program: Program,
  onExit: (code: number | null, signal: NodeJS.Signals | null) => void,
): Promise<ProcessId> {
  const [file = "", ...args] = commandLine(program.command, program.netns, program.user);
  const out = openSync(join(program.sandbox, "stdout"), "a");
  const err = openSync(join(program.sandbox, "stderr"), "a");
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: program.sandbox,
      detached: true,
      env: program.env,
      stdio: ["ignore", out, err],
    });
    closeSync(out);
    closeSync(err);
    child.once("error", reject);
    child.once("exit", onExit);
    child.once("spawn", () => {
      const { pid } = child;
      if (pid === undefined) return;
      child.unref();
      resolve({ pid, start: startOf(pid) ?? "" });
    });
  });
}

/** Where `ip netns` keeps a namespace. */
export function netnsPath(containerId: string): string {
  return `/var/run/netns/${containerId}`;
}

/** Makes a namespace with loopback up, which no CNI plugin does here. */
export async function makeNetns(containerId: string): Promise<void> {
  await execOrThrow(["ip", "netns", "add", containerId]);
  await execOrThrow(["ip", "-n", containerId, "link", "set", "lo", "up"]);
}

/** Ends what still runs in a namespace, also what has left its group. */
export async function emptyNetns(containerId: string): Promise<void> {
  const { stdout } = await exec(["ip", "netns", "pids", containerId]);
  for (const line of stdout.split("\n")) {
    const pid = Number(line);
    if (!Number.isInteger(pid) || pid <= 1) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended in between.
    }
  }
}

/** Removes a namespace; no error when it is gone, as after a restart of the host. */
export async function removeNetns(containerId: string): Promise<void> {
  const { stdout } = await execOrThrow(["ip", "netns", "list"]);
  const names = stdout.split("\n").map((line) => line.split(" ")[0]);
  if (names.includes(containerId)) await execOrThrow(["ip", "netns", "delete", containerId]);
}
