import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Ends a program and waits until it is gone. @param signal Default: SIGKILL, as a crash would */
export async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}
