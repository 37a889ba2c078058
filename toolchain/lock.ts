import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, SeamlessError } from "../util/errors";

/** A lock that is held until it is released or this process ends, however it ends. */
export interface Lock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** What the lock guards, for messages: "calico 3.31.0". */
  readonly what: string;
  readonly timeoutMs: number;
  /** Told at once, and then every few seconds, who holds the lock. */
  readonly onWait: (message: string) => void;
}

const sayEveryMs = 5_000;
/** Getting a free lock takes a few milliseconds; only what takes longer is a wait worth a word. */
const sayAfterMs = 300;

/**
 * Waits for a lock file. The kernel keeps the lock (flock), for a helper process that ends when this one does: a lock
 * can never be left behind by a killed process, so there is nothing to judge stale. The file only tells who holds it,
 * and stays: deleting it would let two processes lock two files of one name.
 * @throws SeamlessError when the deadline passes or `flock` is missing.
 */
export async function takeLock(file: string, options: LockOptions): Promise<Lock> {
  await mkdir(dirname(file), { recursive: true });
  const seconds = Math.max(1, Math.ceil(options.timeoutMs / 1000));
  const holder = spawn(
    "flock",
    ["--exclusive", "--no-fork", "--timeout", String(seconds), file, "sh", "-c", "echo; exec cat"],
    // In a process group of its own, or an interrupt from the terminal would free the lock before the build ends.
    { detached: true, stdio: ["pipe", "pipe", "ignore"] },
  );
  const start = performance.now();
  const say = async () => {
    const waited = Math.round((performance.now() - start) / 1000);
    options.onWait(`${options.what}: waiting for ${await holderOf(file)}, ${waited} s`);
  };
  const first = setTimeout(say, sayAfterMs);
  const more = setInterval(say, sayEveryMs);
  const ended = new Promise<void>((resolve) => {
    holder.once("close", () => resolve());
    holder.once("error", () => resolve());
  });
  try {
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once("data", () => resolve());
      holder.once("error", (error) =>
        reject(
          new SeamlessError(
            `cannot lock ${file}: flock: ${messageOf(error)}; install the package util-linux`,
          ),
        ),
      );
      holder.once("close", () => {
        const why = `gave up after ${seconds} s waiting for`;
        holderOf(file).then((who) =>
          reject(
            new SeamlessError(
              `${options.what}: ${why} ${who}; if that process hangs, end it and try again`,
            ),
          ),
        );
      });
    });
  } finally {
    clearTimeout(first);
    clearInterval(more);
  }
  await writeFile(file, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
  return {
    async release() {
      holder.stdin.end();
      await ended;
    },
  };
}

/** Who holds a lock, as far as its file tells: "process 4711, which holds it since 20:15:07". */
async function holderOf(file: string): Promise<string> {
  try {
    const { pid, since } = JSON.parse(await readFile(file, "utf8"));
    const time = new Date(since).toTimeString().slice(0, 8);
    return `process ${pid}, which holds ${file} since ${time}`;
  } catch {
    return `another process, which holds ${file}`;
  }
}
