import { execFileSync } from "node:child_process";
import { junit } from "../../../verify/junit";
import type { CheckResult } from "../../../verify/types";

const result = (over: Partial<CheckResult>): CheckResult => ({
  ...{ id: "fib/k/a", group: "fib", title: "k/a has every block" },
  ...{ status: "pass", asked: "k/a: ip route", found: "7 routes" },
  ...over,
});

const some: readonly CheckResult[] = [
  result({}),
  result({
    ...{ id: "fib/k/b", status: "fail", found: 'no route to <"10.0.0.0/26"> & more' },
    ...{ at: "k/b", expected: "a route", source: "model", cause: "a", remedy: "b" },
  }),
  result({ id: "fib/k/c", status: "unknown", found: "timed out \u0007\ud800" }),
  result({ id: "http/a-to-b", group: "http", status: "skip", found: "no probe" }),
];

test("failures, questions that could not be put, and what was skipped are told apart", () => {
  expect(junit(some)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="seamless verify" tests="4" failures="1" errors="1" skipped="1">
  <testsuite name="fib" tests="3" failures="1" errors="1" skipped="0">
    <testcase classname="seamless.fib" name="fib/k/a"/>
    <testcase classname="seamless.fib" name="fib/k/b">
      <failure message="no route to &lt;&quot;10.0.0.0/26&quot;&gt; &amp; more">title: k/a has every block
at: k/b
asked: k/a: ip route
found: no route to &lt;&quot;10.0.0.0/26&quot;&gt; &amp; more
expected: a route
source: model
cause: a
remedy: b</failure>
    </testcase>
    <testcase classname="seamless.fib" name="fib/k/c">
      <error message="timed out \ufffd\ufffd">title: k/a has every block
asked: k/a: ip route
found: timed out \ufffd\ufffd</error>
    </testcase>
  </testsuite>
  <testsuite name="http" tests="1" failures="0" errors="0" skipped="1">
    <testcase classname="seamless.http" name="http/a-to-b">
      <skipped message="no probe"/>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test("a parser of XML reads it", () => {
  const read = `
import sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
for case in root.iter("testcase"):
    print(case.get("name"), [(child.tag, child.get("message")) for child in case])
`;
  const said = execFileSync("python3", ["-c", read], { input: junit(some), encoding: "utf8" });
  expect(said.trim().split("\n")).toEqual([
    "fib/k/a []",
    `fib/k/b [('failure', 'no route to <"10.0.0.0/26"> & more')]`,
    "fib/k/c [('error', 'timed out \ufffd\ufffd')]",
    "http/a-to-b [('skipped', 'no probe')]",
  ]);
});
