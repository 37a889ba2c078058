import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { SeamlessError } from "./errors";

export interface WaitOptions {
  /** What is waited for, as the end of "waiting for ...". */
  readonly what: string;
  /** Milliseconds until the wait gives up. */
  readonly timeoutMs: number;
  /** Milliseconds between two tries. Default: 250. */
  readonly intervalMs?: number;
  /** Told now and then what is still waited for; by default nothing is said. */
  readonly onWait?: (message: string) => void;
  /** Milliseconds until that is told for the first time. Default: 5000. */
  readonly sayAfterMs?: number;
  /** The error of a wait that gives up. Default: one that says what was waited for, for how long, and what was seen last. */
  readonly failure?: (seconds: number, seen: string) => Error;
  readonly signal?: AbortSignal;
}

/** What one try found: done with a value, or not yet with what was seen instead. */
export type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly seen: string };

const sayEveryMs = 5_000;

/**
 * Tries until done or the deadline of a monotonic clock has passed.
 * @throws what `failure` makes when it gives up
 */
export async function waitFor<T>(
  options: WaitOptions,
  attempt: () => Promise<Attempt<T>>,
): Promise<T> {
  const { failure = (seconds, seen) => gaveUp(options.what, seconds, seen) } = options;
  const start = performance.now();
  let said = start + (options.sayAfterMs ?? sayEveryMs) - sayEveryMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const result = await attempt();
    if (result.done) return result.value;
    const now = performance.now();
    if (now - start >= options.timeoutMs)
      throw failure(Math.round(options.timeoutMs / 1000), result.seen);
    if (now - said >= sayEveryMs) {
      said = now;
      options.onWait?.(`waiting for ${options.what}: ${result.seen}`);
    }
    await pause(
      options.intervalMs ?? 250,
      undefined,
      options.signal ? { signal: options.signal } : {},
    );
  }
}

function gaveUp(what: string, seconds: number, seen: string): SeamlessError {
  return new SeamlessError(`gave up after ${seconds} s waiting for ${what}: ${seen}`);
}
