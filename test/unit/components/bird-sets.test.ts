import {
  acceptsLines,
  acceptsWords,
  patternsIn,
  withAccepted,
} from "../../../components/reflector/bird/sets";
import { type PrefixPattern, patternsOf, setOf } from "../../../util/net";

const half = (prefix: string): PrefixPattern => ({ prefix, min: 17, max: 32 });
const [low, high] = [half("192.168.0.0/17"), half("192.168.128.0/17")];

const rulesOf = (accepts: readonly PrefixPattern[]) =>
  [
    ...acceptsLines("10_1_0_2", accepts),
    "define next_hop_10_1_0_2 = 10.1.0.2;",
    "filter from_10_1_0_2 {",
    `  if ${acceptsWords("10_1_0_2", accepts)} && bgp_next_hop = next_hop_10_1_0_2 then accept;`,
    "  reject;",
    "}",
  ].join("\n");

test("more than BIRD tells in a line is several constants", () => {
  expect(acceptsWords("x", [low])).toBe("net ~ accepts_x");
  expect(acceptsWords("x", [low, high])).toBe("(net ~ accepts_x || net ~ accepts_x_set2)");
  expect(acceptsLines("x", [low, high]).at(-1)).toBe("define accepts_count_x = 2;");
  expect(acceptsWords("x", [])).toBeUndefined();
  expect(acceptsLines("x", [])).toEqual([]);
});

test.each([
  ["one constant into several", [low], [high]],
  ["one into one", [{ ...low, min: 32 }], [{ ...low, min: 26, max: 26 }]],
  ["several into more", [low, high], [half("10.0.0.0/17"), half("10.0.128.0/17")]],
])("what is accepted beside goes from %s, and into the filter", (_, before, more) => {
  const rules = withAccepted(rulesOf(before), "10_1_0_2", more);
  const all = patternsIn(rules);
  expect(patternsOf(setOf(all))).toEqual(patternsOf(setOf([...before, ...more])));
  expect(rules).toBe(rulesOf(all));
});
