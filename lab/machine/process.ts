import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { waitFor } from "../../util/wait";

/** Starts a program that outlives this one, in a session of its own, with its output appended to a log. */
export function startDaemon(argv: readonly string[], log: string): number {
  const [program = "", ...args] = argv;
  const output = openSync(log, "a");
  const child = spawn(program, args, { detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  child.on("error", () => undefined);
  child.unref();
  return child.pid ?? -1;
}

/** The process of a pid file, if it runs and its command line has the mark; pids are used again by others. */
export async function runningPid(pidFile: string, mark: string): Promise<number | undefined> {
  const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).trim());
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.split("\0").some((word) => word.includes(mark)) ? pid : undefined;
}

/** Ends the process of a pid file and waits until it is gone: SIGTERM first, SIGKILL at half time. */
export async function stopDaemon(pidFile: string, mark: string, timeoutMs: number): Promise<void> {
  const pid = await runningPid(pidFile, mark);
  if (pid !== undefined) {
    signal(pid, "SIGTERM");
    const force = setTimeout(() => signal(pid, "SIGKILL"), timeoutMs / 2);
    await waitFor({ what: `process ${pid} (${mark}) to end`, timeoutMs }, async () =>
      (await runningPid(pidFile, mark)) === undefined
        ? { done: true, value: undefined }
        : { done: false, seen: "it still runs" },
    ).finally(() => clearTimeout(force));
  }
  await rm(pidFile, { force: true });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
