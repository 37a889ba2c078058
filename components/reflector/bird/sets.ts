import { formatPrefix, type PrefixPattern, prefix as prefixIn, widthOf } from "../../../util/net";

/*
 * What is accepted of a neighbour, as constants that BIRD tells of (`eval`). BIRD tells no more than a line of 512 bytes
 * (CLI_LINE_SIZE), and writes a set in the steps of its trie, four bits each: more than fits is several constants.
 */

/** Bytes of a line, with some to spare for what is around it. */
const longest = 480;
/** Bits of a step of the trie. */
const stride = 4;

/** Constants with what is accepted; none where that is nothing. */
export function acceptsLines(suffix: string, accepts: readonly PrefixPattern[]): string[] {
  const sets = setsOf(accepts);
  return [
    ...sets.flatMap((set, index) => [
      `define ${nameOf(suffix, index)} = [`,
      set.map(({ prefix, min, max }) => `  ${prefix}{${min},${max}}`).join(",\n"),
      "];",
    ]),
    ...(sets.length > 1 ? [`define accepts_count_${suffix} = ${sets.length};`] : []),
  ];
}

/** The condition of a filter that those constants are for; undefined where nothing is accepted. */
export function acceptsWords(
  suffix: string,
  accepts: readonly PrefixPattern[],
): string | undefined {
  const [first, ...more] = setsOf(accepts).map((_, index) => `net ~ ${nameOf(suffix, index)}`);
  return more.length === 0 ? first : `(${[first, ...more].join(" || ")})`;
}

/** The prefixes that a neighbour's constants name. */
export function patternsIn(rules: string): PrefixPattern[] {
  return [...rules.matchAll(/^define accepts_\S+ = \[([^\]]*)\];$/gm)].flatMap(([, set = ""]) =>
    [...set.matchAll(/(\S+\/\d+)\{(\d+),(\d+)\}/g)].map(([, prefix = "", min, max]) => ({
      prefix,
      min: Number(min),
      max: Number(max),
    })),
  );
}

/** A neighbour's rules with more accepted than before; as they are where nothing was, for there is no filter for it. */
export function withAccepted(
  rules: string,
  suffix: string,
  more: readonly PrefixPattern[],
): string {
  const before = patternsIn(rules);
  const old = acceptsWords(suffix, before);
  if (old === undefined) return rules;
  const all = [...before, ...more];
  return rules
    .replace(acceptsLines(suffix, before).join("\n"), () => acceptsLines(suffix, all).join("\n"))
    .replace(old, () => acceptsWords(suffix, all) ?? old);
}

/** The constants beside the first. @param count the value of `accepts_count_…` */
export function moreNames(suffix: string, count: string | undefined): string[] {
  const sets = Number(count ?? 1);
  return Array.from({ length: Math.max(0, sets - 1) }, (_, index) => nameOf(suffix, index + 1));
}

function nameOf(suffix: string, index: number): string {
  return index === 0 ? `accepts_${suffix}` : `accepts_${suffix}_set${index + 1}`;
}

/** As few sets as are told whole; the patterns as they are where one set is enough. */
function setsOf(accepts: readonly PrefixPattern[]): PrefixPattern[][] {
  const steps = accepts.flatMap(inSteps);
  if (steps.length === 0) return [];
  if (lengthOf(steps) <= longest) return [[...accepts]];
  const sets: PrefixPattern[][] = [[]];
  for (const step of steps) {
    const last = sets.at(-1) ?? [];
    if (lengthOf([...last, step]) <= longest) last.push(step);
    else sets.push([step]);
  }
  return sets;
}

/** A pattern in the parts that BIRD writes: where it ends within a step, lengths up to the next step, and all longer ones below. */
function inSteps({ prefix, min, max }: PrefixPattern): PrefixPattern[] {
  const { family, first, length } = prefixIn(prefix);
  const next = Math.ceil(length / stride) * stride;
  if (next === length || max < next) return [{ prefix, min, max }];
  const size = 1n << BigInt(widthOf[family] - next);
  const below = Array.from({ length: 2 ** (next - length) }, (_, index) => ({
    prefix: formatPrefix({ family, first: first + BigInt(index) * size, length: next }),
    min: Math.max(min, next),
    max,
  }));
  return min < next ? [{ prefix, min, max: next - 1 }, ...below] : below;
}

/** How many bytes BIRD writes at most: all lengths of a prefix are one mask. */
function lengthOf(steps: readonly PrefixPattern[]): number {
  const bytes = [...new Set(steps.map(({ prefix }) => prefix))].map((prefix) => {
    const mask = prefixIn(prefix).family === 4 ? 15 : 39;
    return prefix.length + mask + "{}, ".length;
  });
  return bytes.reduce((sum, one) => sum + one, "[]".length);
}
