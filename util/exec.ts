import { spawn } from "node:child_process";
import { onInterrupt } from "./interrupt";

export interface ExecOptions {
  /** Written to the program's standard input, which is then closed. Default: empty. */
  readonly input?: string | Uint8Array;
  /** Added to the environment of this process; a value of undefined removes the name. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Milliseconds until the program and its children are killed. Default: 60000. */
  readonly timeoutMs?: number;
  /** Bytes of standard output that are read; a program that says more is killed. Default: 128 MiB. */
  readonly maxBytes?: number;
  /** Ends the program when aborted. */
  readonly signal?: AbortSignal;
  /** Called with each piece of standard error as it comes, for programs whose progress is shown. */
  readonly onStderr?: (text: string) => void;
}

export interface ExecResult {
  /** Exit code; -1 when the program could not be started, was killed or ran out of time. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code: "not found", "timed out after 5000 ms", "killed by SIGTERM", "said more than ...". */
  readonly failure?: string;
}

/** More than clusters of thousands of nodes say of themselves. */
const mostBytes = 128 * 2 ** 20;
/** Of what a program says beside its output the last is kept. */
const mostOfStderr = 2 ** 20;

/**
 * Runs a program with an argument vector (never a shell) and waits for it. It ends with this process when that is
 * interrupted. Does not throw.
 */
export function exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const [program, ...args] = argv;
  if (program === undefined) throw new Error("exec: empty argument vector");
  const { timeoutMs = 60_000, maxBytes = mostBytes } = options;
  return new Promise((resolve) => {
    const out: Buffer[] = [];
    let err = Buffer.alloc(0);
    let length = 0;
    let failure: string | undefined;
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const kill = (why: string) => {
      failure ??= why;
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    };
    const timer = setTimeout(() => kill(`timed out after ${timeoutMs} ms`), timeoutMs);
    const abort = () => kill("interrupted");
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.signal?.aborted === true) abort();
    const ended = onInterrupt(() => kill("interrupted"));
    let settled = false;
    const settle = (code: number) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", abort);
      ended();
      const result = {
        code: failure === undefined ? code : -1,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: err.toString("utf8"),
      };
      resolve(failure === undefined ? result : { ...result, failure });
    };
    child.stdout.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) out.push(chunk);
      else kill(`said ${length} bytes and more; allowed: ${maxBytes}`);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      err = Buffer.concat([err, chunk]).subarray(-mostOfStderr);
      options.onStderr?.(chunk.toString("utf8"));
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      failure ??= error.code === "ENOENT" ? `${program}: not found` : error.message;
      settle(-1);
    });
    child.on("close", (code, signal) => {
      if (signal !== null) failure ??= `killed by ${signal}`;
      settle(code ?? -1);
    });
    // A program that ends without reading its input is not an error of ours.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** Characters of what a program said last that a message quotes. */
const mostOfMessage = 2_000;

/** One line that says what went wrong with a finished program: the last line it printed, or why it has no code. */
export function describeFailure(argv: readonly string[], result: ExecResult): string {
  const said = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-3).join("; ");
  const why = result.failure ?? `exit code ${result.code}`;
  return `${argv.join(" ")}: ${why}${said === "" ? "" : `: ${said.slice(-mostOfMessage)}`}`;
}

/** Like {@link exec}, but throws an Error that quotes the command and its last output unless the exit code is 0. */
export async function execOrThrow(
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const result = await exec(argv, options);
  if (result.code !== 0) throw new Error(describeFailure(argv, result));
  return result;
}
