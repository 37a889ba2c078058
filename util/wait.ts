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
  readonly signal?: AbortSignal;
}

/** What one try found: done with a value, or not yet with what was seen instead. */
export type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly seen: string };

const sayEveryMs = 5_000;

/**
 * Tries until done or the deadline of a monotonic clock has passed.
 * @throws SeamlessError that says what was waited for, for how long, and what was seen last.
 */
export async function waitFor<T>(
  options: WaitOptions,
  attempt: () => Promise<Attempt<T>>,
): Promise<T> {
  const start = performance.now();
  let said = start;
  for (;;) {
    options.signal?.throwIfAborted();
    const result = await attempt();
    if (result.done) return result.value;
    const now = performance.now();
    if (now - start >= options.timeoutMs) {
      const seconds = Math.round(options.timeoutMs / 1000);
      throw new SeamlessError(
        `gave up after ${seconds} s waiting for ${options.what}: ${result.seen}`,
      );
    }
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
