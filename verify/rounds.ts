import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { merged } from "./merge";
import type { CheckResult, Judged, Need, Observation, Verdict } from "./types";

/** When a check that does not pass is asked again, in milliseconds. */
export interface Pace {
  /** How often a check has to fail before it counts. */
  readonly times: number;
  /** Between two rounds; the last stands for all that follow. */
  readonly pauses: readonly number[];
  /** How long a check has to fail before it counts: blocks are claimed and freed, containers come and go. */
  readonly settleMs: number;
  /** The same for what comes by itself, such as figures that are taken now and then. */
  readonly lateMs: number;
  /** How long a question that could not be put is asked again. */
  readonly unaskedMs: number;
}

export const defaultPace: Pace = {
  times: 3,
  pauses: [1_000, 2_000, 3_000],
  settleMs: 6_000,
  lateMs: 75_000,
  unaskedMs: 30_000,
};

/** Asks everybody once and takes what comes. */
export const once: Pace = { times: 1, pauses: [], settleMs: 0, lateMs: 0, unaskedMs: 0 };

export interface Rounds {
  readonly checks: readonly Judged[];
  /** Asks for all that is needed, and for nothing else. */
  readonly collect: (needed: ReadonlySet<Need>) => Promise<Observation>;
  readonly pace: Pace;
  /** Milliseconds to go on until everything passes; 0 confirms what does not, and goes on no longer than that takes. */
  readonly waitMs: number;
  /** Told now and then what does not pass yet. */
  readonly onWait?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What has come of one check so far. */
interface Course {
  verdict: Verdict;
  /** How often it failed in a row; questions that were not put do not count. */
  failures: number;
  /** Since when it has not passed. */
  since: number;
  settled: boolean;
}

const sayEveryMs = 5_000;

/**
 * Asks and judges. A check that does not pass is asked again, with nobody else: it has failed when it did so several times
 * in a while, and it is unknown when its question could not be put for longer than that.
 */
export async function rounds(
  options: Rounds,
): Promise<{ results: CheckResult[]; seen: Observation }> {
  const { checks, collect, pace, waitMs, signal } = options;
  const start = performance.now();
  const courses = new Map<Judged, Course>();
  let seen = await collect(needsOf(checks));
  judgeAll(checks, seen, courses, pace, start + waitMs);
  let said = start;
  let waited = false;
  for (let round = 0; ; round++) {
    const open = checks.filter((check) => courses.get(check)?.settled === false);
    if (open.length === 0) {
      const results = resultsOf(checks, courses);
      const bad = results.some(({ status }) => status === "fail" || status === "unknown");
      // What passed while the rest came up is judged again with it: a drop that is wanted passes before there is a route.
      if (!waited || bad || performance.now() >= start + waitMs) return { results, seen };
      waited = false;
      seen = await collect(needsOf(checks));
      judgeAll(checks, seen, courses, pace, start + waitMs);
      continue;
    }
    waited = true;
    const now = performance.now();
    if (now - said >= sayEveryMs) {
      said = now;
      options.onWait?.(progress(open, checks, courses));
    }
    const ms = pace.pauses[Math.min(round, pace.pauses.length - 1)] ?? 0;
    await pause(ms, undefined, signal === undefined ? {} : { signal });
    const needed = needsOf(open);
    seen = merged(seen, await collect(needed), needed);
    judgeAll(open, seen, courses, pace, start + waitMs);
  }
}

function judgeAll(
  checks: readonly Judged[],
  seen: Observation,
  courses: Map<Judged, Course>,
  pace: Pace,
  end: number,
): void {
  for (const check of checks) {
    const verdict = check.judge(seen);
    courses.set(check, next(courses.get(check), verdict, pace, end));
  }
}

/** What comes of a check after one more round. */
function next(before: Course | undefined, verdict: Verdict, pace: Pace, end: number): Course {
  const now = performance.now();
  if (verdict.status === "pass" || verdict.status === "skip")
    return { verdict, failures: 0, since: now, settled: true };
  const since =
    before === undefined || before.failures + unasked(before) === 0 ? now : before.since;
  const failures = (before?.failures ?? 0) + (verdict.status === "fail" ? 1 : 0);
  const lasted = now - since;
  if (verdict.status === "unknown") {
    // Nobody is there to be asked; waiting changes nothing.
    const settled = verdict.asked === "" || (lasted >= pace.unaskedMs && now >= end);
    return { verdict, failures, since, settled };
  }
  const enough = lasted >= (verdict.late === true ? pace.lateMs : pace.settleMs);
  return { verdict, failures, since, settled: failures >= pace.times && enough && now >= end };
}

function unasked({ verdict }: Course): number {
  return verdict.status === "unknown" ? 1 : 0;
}

function needsOf(checks: readonly Judged[]): Set<Need> {
  return new Set(checks.flatMap((check) => check.needs));
}

function resultsOf(checks: readonly Judged[], courses: ReadonlyMap<Judged, Course>): CheckResult[] {
  return checks.flatMap(({ judge: _judge, needs: _needs, ...check }, index) => {
    const judged = checks[index];
    const verdict = judged && courses.get(judged)?.verdict;
    if (verdict === undefined) return [];
    const { late: _late, ...said } = verdict;
    return [{ ...check, ...said }];
  });
}

function progress(
  open: readonly Judged[],
  all: readonly Judged[],
  courses: ReadonlyMap<Judged, Course>,
): string {
  const [first] = open;
  const found = first && courses.get(first)?.verdict.found;
  return `${open.length} of ${all.length} checks do not pass yet, e.g. ${first?.id}: ${found}`;
}
