/** Where progress goes: one complete line each. */
export type Say = (line: string) => void;

/** Progress for people, on standard error. */
export const sayOnStderr: Say = (line) => process.stderr.write(`toolchain: ${line}\n`);

/** Longest silence of a long step, in milliseconds; a line every so often also keeps CI from ending a quiet job. */
const quietMs = 5_000;

/** Runs a long step and describes it every few seconds until it ends. */
export async function withTicker<T>(
  say: Say,
  describe: () => string,
  step: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const timer = setInterval(() => say(`${describe()}, ${elapsed(start)}`), quietMs);
  try {
    return await step();
  } finally {
    clearInterval(timer);
  }
}

/** Time since a moment of performance.now(): "7 s", "3 min 05 s". */
export function elapsed(since: number): string {
  return duration((performance.now() - since) / 1000);
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
