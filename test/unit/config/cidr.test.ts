import fc from "fast-check";
import {
  blocksIn,
  cidr,
  contains,
  formatAddress,
  formatCidr,
  isRange,
  nextFree,
  overlap,
  parseAddress,
  parseCidr,
  type Range,
  within,
} from "../../../util/cidr";

const address = fc.integer({ min: 0, max: 0xffffffff });
const range = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([base, length]): Range => ({ first: base - (base % 2 ** (32 - length)), length }));

test("what is written is what is read", () => {
  fc.assert(fc.property(address, (value) => parseAddress(formatAddress(value)) === value));
  fc.assert(fc.property(range, (one) => expect(cidr(formatCidr(one))).toEqual(one)));
});

test.each([
  "",
  "10.0.0.0",
  "10.0.0.0/33",
  "10.0.0/8",
  "010.0.0.0/8",
  "10.0.0.0/08",
  "10.0.0.0/8/8",
  "256.0.0.0/8",
  "::/0",
  " 10.0.0.0/8",
])("%j is no range", (text) => {
  expect(parseCidr(text)).toEqual({ fault: "syntax" });
});

test("host bits are told with the range that was meant", () => {
  expect(parseCidr("10.1.2.3/8")).toEqual({ fault: "host-bits", canonical: "10.0.0.0/8" });
  expect(() => cidr("10.1.2.3/8")).toThrow("not a canonical CIDR: 10.1.2.3/8");
});

test.each([
  ["192.168.0.0/17", "192.168.127.255", true],
  ["192.168.0.0/17", "192.168.128.0", false],
  ["192.168.0.0/17", "192.168.64.0/26", true],
  ["192.168.0.0/17", "192.168.0.0/16", false],
  ["0.0.0.0/0", "255.255.255.255/32", true],
  ["192.168.0.0/17", "default", false],
  ["192.168.0.0/17", "fe80::/64", false],
])("%s holds %s: %s", (prefix, inner, expected) => {
  expect(contains(prefix, inner)).toBe(expected);
});

test("two ranges overlap exactly when one is within the other", () => {
  fc.assert(fc.property(range, range, (a, b) => overlap(a, b) === (within(a, b) || within(b, a))));
});

test("blocks", () => {
  expect(blocksIn(cidr("192.168.0.0/17"), 26)).toBe(512);
  expect(blocksIn(cidr("192.168.0.0/26"), 26)).toBe(1);
  expect(blocksIn(cidr("192.168.0.0/28"), 26)).toBe(0);
});

test("the next free range is the lowest one that meets nobody", () => {
  const parent = cidr("10.0.0.0/24");
  const small = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))
    .map(([host, length]): Range => {
      const first = parent.first + host;
      return { first: first - (first % 2 ** (32 - length)), length };
    });
  const lengths = fc.integer({ min: 24, max: 32 });
  fc.assert(
    fc.property(lengths, fc.array(small, { maxLength: 6 }), (length, taken) => {
      const step = 2 ** (32 - length);
      const free = Array.from({ length: 256 / step }, (_, i) => ({
        first: parent.first + i * step,
        length,
      })).filter((one) => !taken.some((other) => overlap(one, other)));
      expect(nextFree(parent, length, taken)).toEqual(free[0]);
    }),
  );
  expect(nextFree(parent, 23, [])).toBeUndefined();
  expect(isRange(parent)).toBe(true);
});
