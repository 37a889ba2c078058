import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";

/** A program that outlives the command that starts it. */
export interface Daemon {
  /** As it is called in messages. */
  readonly what: string;
  readonly argv: readonly string[];
  readonly pidFile: string;
  /** One of its arguments, by which it is told from a later program with the same process id. */
  readonly mark: string;
  /** Its output is appended. */
  readonly log: string;
  /** True once it does its work. */
  readonly ready: () => Promise<boolean>;
  readonly timeoutMs: number;
}

/**
 * Starts a program in a session of its own, so that it is not ended with the command, and waits until it is ready.
 * @throws SeamlessError that quotes the end of its log when it ends or is not ready in time
 */
export async function startDaemon(daemon: Daemon): Promise<void> {
  const [program = "", ...args] = daemon.argv;
  const output = openSync(daemon.log, "a");
  const child = spawn(program, args, {
    cwd: "/",
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  child.on("error", () => undefined);
  child.unref();
  if (child.pid === undefined)
    throw new SeamlessError(`${daemon.what}: cannot start ${program}: is it installed?`);
  await writeFile(daemon.pidFile, `${child.pid}\n`);
  await waitFor({ what: daemon.what, timeoutMs: daemon.timeoutMs, intervalMs: 100 }, async () => {
    if (await daemon.ready()) return { done: true, value: undefined };
    const seen = await lastLines(daemon.log);
    if (child.exitCode !== null || child.signalCode !== null)
      throw new SeamlessError(`${daemon.what} ended; it said: ${seen}`);
    return { done: false, seen };
  });
}

/** The process of a pid file, if it runs and has the mark among its arguments; process ids are used again by others. */
export async function runningPid(pidFile: string, mark: string): Promise<number | undefined> {
  const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).trim());
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return (await argumentsOf(pid)).includes(mark) ? pid : undefined;
}

/** A process's arguments; none when it has ended. */
export async function argumentsOf(pid: number): Promise<string[]> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.split("\0").slice(0, -1);
}

/** Ends the process of a pid file and waits until it is gone: SIGTERM first, SIGKILL at half time. */
export async function stopDaemon(pidFile: string, mark: string, timeoutMs: number): Promise<void> {
  const pid = await runningPid(pidFile, mark);
  if (pid !== undefined) {
    signal(pid, "SIGTERM");
    const force = setTimeout(() => signal(pid, "SIGKILL"), timeoutMs / 2);
    await waitFor(
      { what: `process ${pid} (${mark}) to end`, timeoutMs, intervalMs: 50 },
      async () =>
        (await runningPid(pidFile, mark)) === undefined
          ? { done: true, value: undefined }
          : { done: false, seen: "it still runs" },
    ).finally(() => clearTimeout(force));
  }
  await rm(pidFile, { force: true });
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim().split("\n").slice(-3).join("; ") || "nothing logged";
}
