import fc from "fast-check";
import {
  address,
  addressAt,
  blocksIn,
  compareAddresses,
  comparePrefixes,
  contains,
  firstOf,
  formatAddress,
  formatPrefix,
  holds,
  hostOf,
  hostPrefix,
  isPrefix,
  lastOf,
  nextFree,
  nthOf,
  overlap,
  overlaps,
  type Prefix,
  parseAddress,
  parseEither,
  parseEndpoint,
  parsePrefix,
  prefix,
  prefixOf,
  sizeOf,
  split,
  widthOf,
  within,
  withPort,
} from "../../../util/net";
import { anyAddress, anyPrefix, prefixesOf } from "../../helpers/net";

test("what is written is what is read", () => {
  fc.assert(
    fc.property(anyAddress, (one) => expect(parseAddress(formatAddress(one))).toEqual(one)),
  );
  fc.assert(fc.property(anyPrefix, (one) => expect(prefix(formatPrefix(one))).toEqual(one)));
});

test.each([
  "",
  "10.0.0",
  "10.0.0.0.0",
  "010.0.0.0",
  "10.0.0.08",
  "256.0.0.0",
  "1e1.0.0.0",
  "0x0a.0.0.1",
  "167772161",
  " 10.0.0.0",
  "10.0.0.0\n",
  "10.0.0.0/32",
  ":",
  "1::2::3",
  "12345::",
  "fe80::1%eth0",
  "[::1]",
  "::ffff:10.0.0.08",
  "1:2:3:4:5:6:7:8:9",
])("%j is no address", (text) => {
  expect(parseAddress(text)).toBeUndefined();
  expect(() => address(text)).toThrow(`not an address: ${text}`);
});

test.each([
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["::ffff:192.0.2.1", "::ffff:c000:201"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["192.0.2.1", "192.0.2.1"],
])("%s is written %s", (text, canonical) => {
  expect(formatAddress(address(text))).toBe(canonical);
});

test.each([
  "",
  "10.0.0.0",
  "10.0.0.0/",
  "10.0.0.0/33",
  "10.0.0/8",
  "010.0.0.0/8",
  "10.0.0.0/08",
  "10.0.0.0/+8",
  "10.0.0.0/8/8",
  "10.0.0.0/255.0.0.0",
  "256.0.0.0/8",
  " 10.0.0.0/8",
  "/8",
  "::/129",
  "fd00::/0x8",
  "fe80::%eth0/64",
])("%j is no prefix", (text) => {
  expect(parsePrefix(text)).toEqual({ fault: "syntax" });
});

test.each([
  ["10.1.2.3/8", "10.0.0.0/8"],
  ["0.0.0.1/0", "0.0.0.0/0"],
  ["2001:db8::1/64", "2001:db8::/64"],
])("host bits of %s are told with the prefix that was meant", (text, canonical) => {
  expect(parsePrefix(text)).toEqual({ fault: "host-bits", canonical });
  expect(() => prefix(text)).toThrow(`not a canonical CIDR: ${text}`);
});

test.each([
  ["192.168.0.0/17", "192.168.127.255", true],
  ["192.168.0.0/17", "192.168.128.0", false],
  ["192.168.0.0/17", "192.168.64.0/26", true],
  ["192.168.0.0/17", "192.168.0.0/16", false],
  ["0.0.0.0/0", "255.255.255.255/32", true],
  ["192.168.0.0/17", "default", false],
  ["192.168.0.0/17", "192.168.0.1/17", false],
  ["0.0.0.0/0", "fe80::/64", false],
  ["::/0", "10.0.0.1", false],
  ["fd00:10::/32", "fd00:10:ffff::1", true],
  ["fd00:10::/32", "fd00:11::/64", false],
])("%s holds %s: %s", (outer, inner, expected) => {
  expect(contains(outer, inner)).toBe(expected);
});

test("nothing is held by a text that is no prefix", () => {
  expect(() => contains("10.0.0.1", "10.0.0.1")).toThrow("not a canonical CIDR: 10.0.0.1");
});

test("two prefixes overlap exactly when one is within the other", () => {
  fc.assert(
    fc.property(anyPrefix, anyPrefix, (a, b) => overlap(a, b) === (within(a, b) || within(b, a))),
  );
});

test("a prefix is within another exactly when its first and its last address are held", () => {
  fc.assert(
    fc.property(
      anyPrefix,
      anyPrefix,
      (a, b) => within(a, b) === (holds(a, firstOf(b)) && holds(a, lastOf(b))),
    ),
  );
});

test("an address is in the prefixes of each length that are made of it, and in no neighbour", () => {
  fc.assert(
    fc.property(anyAddress, fc.nat(128), (one, number) => {
      const length = number % (widthOf[one.family] + 1);
      const made = prefixOf(one, length);
      expect(holds(made, one)).toBe(true);
      const after = lastOf(made).value + 1n;
      expect(holds(made, { family: one.family, value: after })).toBe(false);
    }),
  );
});

test("a prefix is all of its blocks, one after the other", () => {
  fc.assert(
    fc.property(anyPrefix, fc.nat(7), (one, more) => {
      const length = Math.min(one.length + more, widthOf[one.family]);
      const blocks = [...split(one, length)];
      expect(blocks).toHaveLength(blocksIn(one, length));
      expect(blocks[0]?.first).toBe(one.first);
      expect(blocks.reduce((sum, block) => sum + sizeOf(block), 0n)).toBe(sizeOf(one));
      for (const [index, block] of blocks.entries()) {
        const next = blocks[index + 1];
        if (next !== undefined) expect(next.first).toBe(lastOf(block).value + 1n);
      }
    }),
  );
  expect([...split(prefix("10.0.0.0/24"), 23)]).toEqual([]);
});

test.each([
  ["192.168.0.0/17", 26, 512],
  ["192.168.0.0/26", 26, 1],
  ["192.168.0.0/28", 26, 0],
  ["fd00:10::/64", 122, 2 ** 58],
])("%s has blocks of /%d: %d", (text, length, count) => {
  expect(blocksIn(prefix(text), length)).toBe(count);
});

test("addresses are counted from either end", () => {
  expect(addressAt("10.96.0.0/16", 10)).toBe("10.96.0.10");
  expect(addressAt("10.96.0.0/16", -1)).toBe("10.96.255.255");
  expect(addressAt("fd00:10:96::/112", 10)).toBe("fd00:10:96::a");
  expect(formatAddress(nthOf(prefix("fd00::/64"), 1n << 63n))).toBe("fd00::8000:0:0:0");
  expect(() => addressAt("10.96.0.0/30", 4)).toThrow("10.96.0.0/30 has no address 4");
  expect(() => addressAt("10.96.0.0/30", -5)).toThrow("10.96.0.0/30 has no address -5");
});

test("the prefix of one address", () => {
  expect([hostPrefix("172.16.18.33"), hostPrefix("2001:db8::1")]).toEqual([
    "172.16.18.33/32",
    "2001:db8::1/128",
  ]);
  expect(() => hostPrefix("172.16.18.0/24")).toThrow("not an address: 172.16.18.0/24");
  expect(["172.16.18.33/32", "2001:db8::1/128"].map(hostOf)).toEqual([
    "172.16.18.33",
    "2001:db8::1",
  ]);
  expect(["172.16.18.0/24", "2001:db8::/32", "default"].map(hostOf)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(parseEither("2001:db8::1")).toEqual(prefix("2001:db8::1/128"));
  expect(parseEither("2001:db8::1/64")).toBeUndefined();
});

test("sorting puts IPv4 first, then what comes first, then what holds more", () => {
  const sorted = ["10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "192.0.2.0/24", "::/0", "fd00::/8"];
  const shuffled = fc.shuffledSubarray(sorted, { minLength: sorted.length });
  fc.assert(
    fc.property(shuffled, (texts) => {
      expect(texts.map(prefix).sort(comparePrefixes).map(formatPrefix)).toEqual(sorted);
    }),
  );
  fc.assert(
    fc.property(anyAddress, anyAddress, (a, b) => {
      expect(Math.sign(compareAddresses(a, b))).toBe(-Math.sign(compareAddresses(b, a)) + 0);
    }),
  );
});

/** Prefixes that meet each other often. */
const crowded = (family: 4 | 6): fc.Arbitrary<Prefix> =>
  fc
    .tuple(fc.nat(255), fc.nat(8))
    .map(([value, length]) =>
      prefixOf({ family, value: BigInt(value) }, widthOf[family] - 8 + length),
    );

test("all overlaps of a list are those of each two of it", () => {
  const list = fc.array(fc.oneof(crowded(4), crowded(6)), { maxLength: 12 });
  fc.assert(
    fc.property(list, (prefixes) => {
      const each = prefixes.flatMap((b, later) =>
        prefixes.slice(0, later).flatMap((a, earlier) => (overlap(a, b) ? [[earlier, later]] : [])),
      );
      expect(overlaps(prefixes)).toEqual(each);
    }),
  );
});

test.each([4, 6] as const)(
  "the next free prefix of IPv%d is the lowest that meets nobody",
  (family) => {
    const parent = prefixOf({ family, value: 0n }, widthOf[family] - 8);
    fc.assert(
      fc.property(fc.nat(8), fc.array(crowded(family), { maxLength: 6 }), (more, taken) => {
        const length = parent.length + more;
        const free = [...split(parent, length)].find(
          (one) => !taken.some((other) => overlap(one, other)),
        );
        expect(nextFree(parent, length, taken)).toEqual(free);
      }),
    );
    expect(nextFree(parent, parent.length - 1, [])).toBeUndefined();
    expect(nextFree(parent, widthOf[family] + 1, [])).toBeUndefined();
    fc.assert(
      fc.property(prefixesOf(family), (one) => nextFree(one, one.length, [])?.first === one.first),
    );
  },
);

test("an address with a port is written so that the address can be told from the port", () => {
  expect([
    withPort("172.16.18.32", 179),
    withPort("2001:db8::1", 179),
    withPort("host", 179),
  ]).toEqual(["172.16.18.32:179", "[2001:db8::1]:179", "host:179"]);
  fc.assert(
    fc.property(anyAddress.map(formatAddress), fc.integer({ min: 1, max: 65535 }), (text, port) => {
      expect(parseEndpoint(withPort(text, port))).toEqual({ address: text, port });
      expect(parseEndpoint(text)).toEqual({ address: text });
    }),
  );
});

test.each([
  "",
  "host:1",
  "10.0.0.1:0",
  "10.0.0.1:65536",
  "10.0.0.1:01",
  "[10.0.0.1]:1",
  "10.0.0.1:",
  ":1",
  "[::1]",
  "::1]:1",
])("%j is no address with a port", (text) => {
  expect(parseEndpoint(text)).toBeUndefined();
});

test("a fault is no prefix", () => {
  expect([parsePrefix("10.0.0.0/8"), parsePrefix("10.0.0.0")].map(isPrefix)).toEqual([true, false]);
});
