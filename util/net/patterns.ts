import { type Family, widthOf } from "./address";
import { formatPrefix, lastOf, prefix as prefixIn } from "./prefix";

/** All prefixes inside of one that have some lengths. */
export interface PrefixPattern {
  readonly prefix: string;
  readonly min: number;
  readonly max: number;
}

/** Prefixes of one family and length: the intervals that their first addresses are in. Merged and sorted. */
interface Slice {
  readonly family: Family;
  readonly length: number;
  readonly intervals: readonly Interval[];
}

type Interval = readonly [first: bigint, last: bigint];

/** A set of prefixes, by family and length. */
export type PrefixSet = ReadonlyMap<string, Slice>;

export function setOf(patterns: readonly PrefixPattern[]): PrefixSet {
  const all = new Map<string, Slice>();
  for (const { prefix, min, max } of patterns) {
    const { family, first, ...rest } = prefixIn(prefix);
    const interval: Interval = [first, lastOf({ family, first, ...rest }).value];
    for (let length = min; length <= max; length++) {
      const key = `${family}/${length}`;
      const intervals = [...(all.get(key)?.intervals ?? []), interval];
      all.set(key, { family, length, intervals: merged(intervals) });
    }
  }
  return all;
}

/** The fewest patterns that make up a set; two sets are the same when these are. */
export function patternsOf(set: PrefixSet): PrefixPattern[] {
  const lengths = new Map<string, number[]>();
  for (const { family, length, intervals } of [...set.values()].sort((a, b) => a.length - b.length))
    for (const prefix of intervals.flatMap((one) => cover(family, one)))
      lengths.set(prefix, [...(lengths.get(prefix) ?? []), length]);
  return [...lengths].flatMap(([prefix, all]) =>
    runs(all).map(([min, max]) => ({ prefix, min, max })),
  );
}

/** Whether everything of a pattern is in a set. */
export function covers(set: PrefixSet, pattern: PrefixPattern): boolean {
  return [...setOf([pattern])].every(([key, { intervals }]) =>
    intervals.every(([first, last]) =>
      (set.get(key)?.intervals ?? []).some((one) => one[0] <= first && last <= one[1]),
    ),
  );
}

function merged(intervals: readonly Interval[]): Interval[] {
  const result: [bigint, bigint][] = [];
  for (const [first, last] of [...intervals].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    const before = result.at(-1);
    if (before === undefined || first > before[1] + 1n) result.push([first, last]);
    else if (last > before[1]) before[1] = last;
  }
  return result;
}

/** The fewest prefixes that make up an interval. */
function cover(family: Family, [first, last]: Interval): string[] {
  const found: string[] = [];
  const width = widthOf[family];
  for (let start = first; start <= last; ) {
    let host = 0;
    const fits = (bits: number) =>
      start % (1n << BigInt(bits)) === 0n && start + (1n << BigInt(bits)) - 1n <= last;
    while (host < width && fits(host + 1)) host++;
    found.push(formatPrefix({ family, first: start, length: width - host }));
    start += 1n << BigInt(host);
  }
  return found;
}

/** Numbers in a row, as the first and the last of each row. */
export function runs(numbers: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const one of numbers) {
    const before = found.at(-1);
    if (before !== undefined && one === before[1] + 1) before[1] = one;
    else found.push([one, one]);
  }
  return found;
}
