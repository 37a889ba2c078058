/** Node.js programs that the language host starts for the engine, and ends with it. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Life } from "../../../providers/base/life";

/** How long a program may take to end by itself once it is told to. */
const killAfterMs = 2_000;

export interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it was told to end early. */
  readonly interrupted: boolean;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group is gone already.
  }
}

/** The file of a module as the program at this folder would load it. @throws when it is not installed there. */
export function resolveFrom(folder: string, module: string): string {
  try {
    return createRequire(join(folder, "package.json")).resolve(module);
  } catch {
    throw new Error(
      `${module} was not found from ${folder}: the program's packages are not installed; run npm install in its folder`,
    );
  }
}

/** Starts a program in an own process group, which ends when the life's signal or the given one is aborted. */
export function start(
  life: Life,
  argv: readonly string[],
  options: SpawnOptions,
  signal?: AbortSignal,
): Started {
  const [program = process.execPath, ...args] = argv;
  const child = spawn(program, args, { ...options, detached: true });
  const either = AbortSignal.any([life.signal, ...(signal ? [signal] : [])]);
  let timer: NodeJS.Timeout | undefined;
  const abort = () => {
    killGroup(child, "SIGTERM");
    timer = setTimeout(() => killGroup(child, "SIGKILL"), killAfterMs);
  };
  if (either.aborted) abort();
  else either.addEventListener("abort", abort, { once: true });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`cannot start ${program}: ${error.message}`)));
    child.on("close", (code, killedBy) =>
      resolve({ code, signal: killedBy, interrupted: either.aborted }),
    );
  }).finally(() => {
    either.removeEventListener("abort", abort);
    clearTimeout(timer);
    if (either.aborted) killGroup(child, "SIGKILL");
  });
  return { child, ended };
}
