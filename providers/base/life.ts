/** When a plugin process has to end, and what it finishes first. */

/** How long calls in flight may take to wind down before the process ends anyway. */
const graceMs = 8_000;
/** An answer handed to the gRPC server is on the wire some event loop turns later. */
const flushMs = 50;

/** The life of this process: what runs in it, and the signal that tells it to end early. */
export class Life {
  private readonly controller = new AbortController();
  private inFlight = 0;
  private ending = false;

  /** Aborted when running calls have to end early: Ctrl-C, or the engine is gone. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Tells the calls in flight to end early. The engine also asks for this at the end of a successful run. */
  cancel(reason: string): void {
    this.controller.abort(new Error(reason));
  }

  /** Cancels, and ends the process as soon as nothing is in flight. */
  end(reason: string): void {
    if (this.ending) return;
    this.ending = true;
    this.cancel(reason);
    if (this.inFlight === 0) process.exit(0);
    setTimeout(() => process.exit(1), graceMs);
  }

  /** Counts a call as in flight until it is done. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.inFlight++;
    try {
      return await work();
    } finally {
      this.inFlight--;
      if (this.ending && this.inFlight === 0) setTimeout(() => process.exit(0), flushMs);
    }
  }
}

/**
 * Ends this process with its engine. The engine holds the other end of standard input, which closes even when it is
 * killed; a normal end is announced by SIGINT.
 */
export function startLife(): Life {
  const life = new Life();
  process.stdin.resume();
  for (const event of ["end", "close", "error"])
    process.stdin.on(event, () => life.end("the engine is gone"));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => life.end("interrupted"));
  return life;
}
