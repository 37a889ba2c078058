/** Runs one command line with everything it starts, and ends all of it when it is interrupted. */
import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { messageOf } from "../../../util/errors";

export interface Invocation {
  /** The program and its arguments; the command line becomes the last one. */
  readonly interpreter: readonly string[];
  readonly commandLine: string;
  /** Default: the folder of the Pulumi project. */
  readonly dir: string | undefined;
  /** Added to the environment of this process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
}

export interface Output {
  /** Without one final newline. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface Watcher {
  readonly signal: AbortSignal;
  /** Called with each complete line as it comes. */
  onLine(stream: "stdout" | "stderr", line: string): void;
}

/** How a command that has to end early is told, and after which time. */
const escalation = [
  { afterMs: 0, signal: "SIGINT" },
  { afterMs: 3_000, signal: "SIGTERM" },
  { afterMs: 5_000, signal: "SIGKILL" },
] as const;

/** Linux takes no longer text than this as one environment variable (MAX_ARG_STRLEN). */
const maxVariableBytes = 128 * 1024;

/** Collects what one stream carries, and cuts it into lines on the way. */
class Collector {
  private readonly decoder = new StringDecoder("utf8");
  private readonly pieces: string[] = [];
  private line = "";

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    this.take(this.decoder.write(chunk));
  }

  end(): string {
    this.take(this.decoder.end());
    if (this.line !== "") this.onLine(this.line);
    return this.pieces.join("").replace(/\r?\n$/, "");
  }

  private take(text: string): void {
    this.pieces.push(text);
    const lines = (this.line + text).split("\n");
    this.line = lines.pop() ?? "";
    for (const line of lines) this.onLine(line);
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Everything in the group is gone already.
  }
}

/** Tells the whole group to end, harder each time. @returns a function that stops it. */
function endEarly(child: ChildProcess): () => void {
  const timers = escalation.map(({ afterMs, signal }) =>
    setTimeout(() => killGroup(child, signal), afterMs),
  );
  return () => timers.forEach(clearTimeout);
}

function checkStart(invocation: Invocation): void {
  const { dir, environment } = invocation;
  if (dir !== undefined && !statSync(dir, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`dir: ${dir} is not a folder (looked for from ${process.cwd()})`);
  for (const [name, value] of Object.entries(environment))
    if (Buffer.byteLength(`${name}=${value}`) >= maxVariableBytes)
      throw new Error(
        `environment variable ${name} has ${Buffer.byteLength(value)} bytes, more than a program can be started with (${maxVariableBytes}); ` +
          "if it holds the previous output, set addPreviousOutputInEnv: false",
      );
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  // A shell reports a killed child the same way.
  if (signal !== null) return `exit status ${128 + constants.signals[signal]} (${signal})`;
  return `exit status ${code}`;
}

/** Waits until the command and everything that shares its output has ended. @throws when it does not exit with 0. */
export async function run(invocation: Invocation, watcher: Watcher): Promise<Output> {
  watcher.signal.throwIfAborted();
  checkStart(invocation);
  const { commandLine, interpreter, dir, environment, stdin } = invocation;
  const [program, ...args] = interpreter;
  if (program === undefined) throw new Error("interpreter: needs at least the program");
  const child = spawn(program, [...args, commandLine], {
    cwd: dir,
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
    // An own process group, so that what the command starts can be ended with it.
    detached: true,
  });
  const both: string[] = [];
  const collect = (stream: "stdout" | "stderr") => {
    const collector = new Collector((line) => {
      both.push(line);
      watcher.onLine(stream, line);
    });
    child[stream].on("data", (chunk: Buffer) => collector.push(chunk));
    return collector;
  };
  const collectors = { stdout: collect("stdout"), stderr: collect("stderr") };
  // A command that ends without reading its input is no error.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin ?? "");
  let stopEnding: (() => void) | undefined;
  const abort = () => {
    stopEnding = endEarly(child);
  };
  watcher.signal.addEventListener("abort", abort, { once: true });
  try {
    const end = await new Promise<string | undefined>((resolve, reject) => {
      child.on("error", (error) => reject(new Error(`cannot start ${program}: ${error.message}`)));
      child.on("close", (code, signal) =>
        resolve(code === 0 ? undefined : describeEnd(code, signal)),
      );
    });
    const output = { stdout: collectors.stdout.end(), stderr: collectors.stderr.end() };
    const why = watcher.signal.aborted ? messageOf(watcher.signal.reason) : undefined;
    if (end === undefined && why === undefined) return output;
    const reason = [why, end].filter((part) => part !== undefined).join(", ");
    throw new Error(
      [`${reason}: running ${JSON.stringify(commandLine)}:`, ...both].join("\n").trimEnd(),
    );
  } finally {
    watcher.signal.removeEventListener("abort", abort);
    stopEnding?.();
    if (watcher.signal.aborted) killGroup(child, "SIGKILL");
  }
}
