/** What is to be ended or removed when this process is told to end before it is done. */
export type End = (signal: NodeJS.Signals) => void | Promise<void>;

const ends = new Set<End>();

/** Has something ended on an interrupt. @returns what takes that back, when there is nothing to be ended any more */
export function onInterrupt(end: End): () => void {
  ends.add(end);
  return () => {
    ends.delete(end);
  };
}

/** Ends everything, the last first. What ends at once does so before this returns for the first time. */
export async function endAll(signal: NodeJS.Signals): Promise<void> {
  const all = [...ends].reverse();
  ends.clear();
  await Promise.allSettled(all.map(async (end) => end(signal)));
}

/**
 * Has this process end on a signal when everything is ended, with the given exit code; on a second one at once.
 * @param code exit code of the process
 */
export function endOnSignals(code: number): void {
  let told = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (told) process.exit(code);
      told = true;
      endAll(signal).finally(() => process.exit(code));
    });
}
