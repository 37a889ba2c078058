/** Many prefixes at a time. */
import { widthOf } from "./address";
import { comparePrefixes, lastOf, overlap, type Prefix, sizeOf, within } from "./prefix";

/**
 * All pairs that overlap, as places in the list, the lower place first. Two prefixes overlap only where one is within the
 * other, so that sorting is enough: before each come all that hold it.
 */
export function overlaps(prefixes: readonly Prefix[]): [number, number][] {
  const sorted = [...prefixes.entries()].sort(
    ([a, one], [b, other]) => comparePrefixes(one, other) || a - b,
  );
  const pairs: [number, number][] = [];
  const outer: (readonly [number, Prefix])[] = [];
  for (const [place, one] of sorted) {
    for (let last = outer.at(-1); last !== undefined && !within(last[1], one); last = outer.at(-1))
      outer.pop();
    for (const [other] of outer) pairs.push(other < place ? [other, place] : [place, other]);
    outer.push([place, one]);
  }
  return pairs.sort(([a, b], [c, d]) => b - d || a - c);
}

/** The lowest prefix of a length inside the parent that touches none of the taken ones. */
export function nextFree(
  parent: Prefix,
  length: number,
  taken: readonly Prefix[],
): Prefix | undefined {
  const { family } = parent;
  if (length < parent.length || length > widthOf[family]) return undefined;
  const step = sizeOf({ ...parent, length });
  let first = parent.first;
  for (const one of taken.filter((other) => overlap(parent, other)).sort(comparePrefixes)) {
    if (first + step <= one.first) break;
    const after = lastOf(one).value + 1n;
    const next = ((after + step - 1n) / step) * step;
    if (next > first) first = next;
  }
  const found = { family, first, length };
  return within(parent, found) ? found : undefined;
}

/** The largest prefixes inside the parent that touch none of the taken ones, from first to last. */
export function freeIn(parent: Prefix, taken: readonly Prefix[]): Prefix[] {
  const inside = taken.filter((one) => overlap(parent, one));
  if (inside.length === 0) return [parent];
  if (inside.some((one) => within(one, parent))) return [];
  const length = parent.length + 1;
  const lower = { ...parent, length };
  const upper = { ...lower, first: parent.first + sizeOf(lower) };
  return [...freeIn(lower, inside), ...freeIn(upper, inside)];
}
