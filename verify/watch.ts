import { setTimeout as pause } from "node:timers/promises";
import type { CheckResult } from "./types";

/** A check whose status is another than before. */
export interface Change {
  readonly before?: CheckResult["status"];
  readonly result: CheckResult;
}

/** What has changed since the round before; of the first round, whatever does not pass. */
export function changes(
  before: readonly CheckResult[] | undefined,
  after: readonly CheckResult[],
): Change[] {
  const was = new Map(before?.map((one) => [one.id, one.status]));
  return after.flatMap((result): Change[] => {
    const old = was.get(result.id);
    if (before === undefined || old === undefined)
      return result.status === "pass" || result.status === "skip" ? [] : [{ result }];
    return old === result.status ? [] : [{ before: old, result }];
  });
}

/** How many changes of one round are told one by one. */
const mostLines = 20;

/** A line for each change, and one for all that are too many. */
export function renderChanges(all: readonly Change[], time: string): string[] {
  const mark = { pass: "ok  ", fail: "FAIL", skip: "skip", unknown: "????" };
  const told = all.slice(0, mostLines).map(({ result: { status, id, found, remedy } }) => {
    const advice = remedy === undefined ? "" : ` (do: ${remedy})`;
    return `${time} ${mark[status]} ${id}: ${found}${advice}`;
  });
  const more = all.length - told.length;
  return more === 0 ? told : [...told, `${time} ... and ${more} other changes`];
}

/** One line for all results. */
export function renderCounts(results: readonly CheckResult[], time: string): string {
  const count = (status: CheckResult["status"]) =>
    results.filter((one) => one.status === status).length;
  return `${time} ${results.length} checks: ${count("pass")} passed, ${count("fail")} failed, ${count("skip")} skipped, ${count("unknown")} could not be asked`;
}

export interface Watch {
  /** Asks and judges once. */
  readonly look: () => Promise<readonly CheckResult[]>;
  /** Told what has changed, in every round; `first` is the first. */
  readonly tell: (
    found: readonly Change[],
    results: readonly CheckResult[],
    first: boolean,
  ) => void;
  /** Milliseconds between the end of a round and the next. */
  readonly everyMs: number;
  readonly signal?: AbortSignal;
}

/** Looks again and again, until the signal or an error ends it. */
export async function watch({ look, tell, everyMs, signal }: Watch): Promise<void> {
  let before: readonly CheckResult[] | undefined;
  while (signal?.aborted !== true) {
    const results = await look();
    tell(changes(before, results), results, before === undefined);
    before = results;
    await pause(everyMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
