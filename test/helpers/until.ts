import { waitFor } from "../../util/wait";

/** Waits until what is seen is what is expected, both as JSON. */
export type Until = <T>(what: string, look: () => Promise<T>, expected: T) => Promise<void>;

/** The wait of a test file. @param timeoutMs until it gives up, with what was seen last */
export function untilWithin(timeoutMs: number): Until {
  return (what, look, expected) =>
    waitFor({ what, timeoutMs, intervalMs: 200 }, async () => {
      const seen = JSON.stringify(await look());
      return seen === JSON.stringify(expected)
        ? { done: true, value: undefined }
        : { done: false, seen };
    });
}
