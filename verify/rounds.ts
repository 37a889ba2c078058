import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { merged } from "./merge";
import type { CheckResult, Fault, Judged, Need, Observation, Verdict } from "./types";
import { writeFaults } from "./verdict";

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
  /** How long a check is asked again that fails each time for something else. */
  readonly restlessMs: number;
}

export const defaultPace: Pace = {
  times: 3,
  pauses: [1_000, 2_000, 3_000],
  settleMs: 6_000,
  lateMs: 75_000,
  unaskedMs: 30_000,
  restlessMs: 45_000,
};

/** Asks everybody once and takes what comes. */
export const once: Pace = {
  times: 1,
  pauses: [],
  settleMs: 0,
  lateMs: 0,
  unaskedMs: 0,
  restlessMs: 0,
};

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
  readonly verdict: Verdict;
  /** How often it failed in a row; questions that were not put do not count. */
  readonly failures: number;
  /** Since when it has not passed. */
  readonly since: number;
  /** What is wrong, each with how often in a row it was found and since when. */
  readonly faults: ReadonlyMap<string, Lasting>;
  readonly settled: boolean;
}

interface Lasting {
  readonly times: number;
  readonly since: number;
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
  const none: Course["faults"] = new Map();
  if (verdict.status === "pass" || verdict.status === "skip")
    return { verdict, failures: 0, since: now, faults: none, settled: true };
  const since =
    before === undefined || before.failures + unasked(before) === 0 ? now : before.since;
  const lasted = now - since;
  if (verdict.status === "unknown") {
    const { failures = 0, faults = none } = before ?? {};
    // Nobody is there to be asked; waiting changes nothing.
    const settled = verdict.asked === "" || (lasted >= pace.unaskedMs && now >= end);
    return { verdict, failures, since, faults, settled };
  }
  const failures = (before?.failures ?? 0) + 1;
  const faults = lasting(before?.faults ?? none, verdict.faults ?? [], now);
  const course = { failures, since, faults };
  const enough = (ms: number) => ms >= (verdict.late === true ? pace.lateMs : pace.settleMs);
  if (verdict.faults === undefined) {
    const settled = failures >= pace.times && enough(lasted) && now >= end;
    return { verdict, ...course, settled };
  }
  const last = verdict.faults.filter((fault) => {
    const { times = 0, since: first = now } = faults.get(sameOf(fault)) ?? {};
    return times >= pace.times && enough(now - first);
  });
  if (last.length > 0) {
    const found = writeFaults(last);
    return { verdict: { ...verdict, found, faults: last }, ...course, settled: now >= end };
  }
  return failures > pace.times && lasted >= pace.restlessMs && now >= end
    ? { verdict: restless(verdict, failures), ...course, settled: true }
    : { verdict, ...course, settled: false };
}

function lasting(
  before: Course["faults"],
  found: readonly Fault[],
  now: number,
): ReadonlyMap<string, Lasting> {
  return new Map(
    found.map((fault): [string, Lasting] => {
      const { times, since } = before.get(sameOf(fault)) ?? { times: 0, since: now };
      return [sameOf(fault), { times: times + 1, since }];
    }),
  );
}

function sameOf(fault: Fault): string {
  return typeof fault === "string" ? fault : fault.same;
}

/** Each time something else was wrong, and what was wrong before was right: that is what moving containers look like. */
function restless(verdict: Verdict, times: number): Verdict {
  return {
    ...verdict,
    status: "unknown",
    found: `something else in each of ${times} rounds, and none of it lasted; at last: ${verdict.found}`,
    cause: "blocks and containers come and go faster than they can be asked for",
    remedy: "verify again when less is going on",
  };
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
    const { late: _late, faults: _faults, ...said } = verdict;
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
