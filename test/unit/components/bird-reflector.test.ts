import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bird } from "../../../components/reflector/bird";
import { parseSet } from "../../../components/reflector/bird/prefixes";
import { complaint, refusal } from "../../../components/reflector/bird/said";
import { parseEvaluated } from "../../../components/reflector/bird/state";
import { covers, type PrefixPattern, patternsOf, setOf } from "../../../util/net";

/** What BIRD 2.0.12 printed of a reflector with four nodes, of which one was down. */
const recorded = (name: string) =>
  readFileSync(join(__dirname, "..", "fixtures", "bird", `${name}.txt`), "utf8");
const now = Date.UTC(2026, 10, 29, 17, 14, 50) / 1000;

const pattern = (prefix: string, min: number, max: number): PrefixPattern => ({ prefix, min, max });

test("reads the sessions as BIRD prints them", () => {
  const { parse } = bird.tables.neighbours;
  const up = { state: "Established", uptimeSeconds: 60, received: 3, accepted: 2 } as const;
  expect(parse(recorded("protocols"), now)).toEqual([
    { address: "10.1.0.2", asn: 64511, ...up },
    { address: "10.1.0.3", asn: 64511, ...up },
    { address: "10.1.0.4", asn: 64600, ...up },
    { address: "10.1.0.5", asn: 64600, state: "Active", received: 0, accepted: 0 },
  ]);
  expect(() => parse("Unable to connect to server control socket", now)).toThrow(
    "no table of protocols",
  );
});

test("reads the RIB as BIRD prints it, several paths to a prefix among it", () => {
  const { parse } = bird.tables.rib;
  const path = { ageSeconds: 60, localPref: 100 };
  const from = (peer: string) => ({ peer, nextHop: peer, ...path });
  expect(parse(recorded("routes"), now)).toEqual([
    { prefix: "10.0.0.0/16", best: true, ...from("10.1.0.2") },
    { prefix: "10.0.0.0/16", best: false, ...from("10.1.0.3") },
    { prefix: "10.0.0.0/16", best: false, ...from("10.1.0.4") },
    { prefix: "192.168.2.0/26", best: true, ...from("10.1.0.2") },
    { prefix: "192.168.4.0/26", best: true, ...from("10.1.0.4") },
    { prefix: "192.168.3.0/26", best: true, ...from("10.1.0.3") },
  ]);
  expect(parse("BIRD 2.0.12 ready.\n", now)).toEqual([]);
  expect(() => parse("", now)).toThrow("no answer of BIRD");
});

test("reads constants, and what the daemon does not know", () => {
  const found = parseEvaluated(recorded("eval"));
  expect([...found.keys()]).toEqual(["accepts_10_1_0_2", "next_hop_10_1_0_2"]);
  expect(found.get("next_hop_10_1_0_2")).toBe("10.1.0.9");
  expect(patternsOf(setOf(parseSet(found.get("accepts_10_1_0_2") ?? "")))).toEqual([
    pattern("10.0.0.0/16", 16, 32),
    pattern("192.168.0.0/17", 26, 32),
  ]);
});

test.each([
  [
    "halves become a whole",
    [pattern("10.0.0.0/9", 26, 26), pattern("10.128.0.0/9", 26, 26)],
    [pattern("10.0.0.0/8", 26, 26)],
  ],
  [
    "one inside another goes",
    [pattern("10.0.0.0/8", 16, 32), pattern("10.1.0.0/16", 24, 26)],
    [pattern("10.0.0.0/8", 16, 32)],
  ],
  [
    "lengths with a gap stay apart",
    [pattern("10.0.0.0/8", 16, 18), pattern("10.0.0.0/8", 20, 32)],
    [pattern("10.0.0.0/8", 16, 18), pattern("10.0.0.0/8", 20, 32)],
  ],
  ["IPv6", [pattern("fd00::/48", 122, 128)], [pattern("fd00::/48", 122, 128)]],
])("sets of prefixes: %s", (_, given, expected) => {
  expect(patternsOf(setOf(given))).toEqual(expected);
});

test("a set covers what all of its patterns hold together", () => {
  const set = setOf([pattern("10.0.0.0/9", 26, 32), pattern("10.128.0.0/9", 26, 30)]);
  expect(covers(set, pattern("10.0.0.0/8", 26, 30))).toBe(true);
  expect(covers(set, pattern("10.0.0.0/8", 26, 31))).toBe(false);
});

test("says what BIRD has against a file, and whether it took it", () => {
  const stderr = "bird: /dev/stdin:38:1 syntax error, unexpected CF_SYM_UNDEFINED\n";
  expect(complaint({ code: 1, stdout: "", stderr })).toBe(
    "/dev/stdin:38:1 syntax error, unexpected CF_SYM_UNDEFINED",
  );
  expect(refusal(recorded("configured"))).toBeUndefined();
  const refused = "BIRD 2.0.12 ready.\nReading configuration from /x\n/x:1:1 syntax error\n";
  expect(refusal(refused)).toBe("/x:1:1 syntax error");
});

test("refuses a password that BIRD cannot read, without quoting it", () => {
  const file = '  password "seamless:bgpPasswords.k";\n';
  expect(bird.withPasswords(file, { k: "a#b" })).toBe('  password "a#b";\n');
  expect(() => bird.withPasswords(file, { k: 'a"b' })).toThrow(
    "seamless:bgpPasswords.k: found a quotation mark or a line end; BIRD cannot read these in a password",
  );
});
