import type { CheckResult } from "./types";

/**
 * The results in JUnit's XML, as CI servers read it: a suite for each group of checks. A question that could not be put is
 * an error, as opposed to a failure.
 */
export function junit(results: readonly CheckResult[]): string {
  const groups = [...new Set(results.map(({ group }) => group))];
  const suites = groups.map((group) =>
    suite(
      group,
      results.filter((one) => one.group === group),
    ),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="seamless verify"${counts(results)}>`,
    ...suites.flat(),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(group: string, results: readonly CheckResult[]): string[] {
  return [
    `  <testsuite name="${escaped(group)}"${counts(results)}>`,
    ...results.flatMap(testcase),
    "  </testsuite>",
  ];
}

function testcase(result: CheckResult): string[] {
  const open = `    <testcase classname="seamless.${escaped(result.group)}" name="${escaped(result.id)}"`;
  const { found } = result;
  switch (result.status) {
    case "pass":
      return [`${open}/>`];
    case "skip":
      return [`${open}>`, `      <skipped message="${escaped(found)}"/>`, "    </testcase>"];
    default: {
      const tag = result.status === "fail" ? "failure" : "error";
      return [
        `${open}>`,
        `      <${tag} message="${escaped(found)}">${escaped(body(result))}</${tag}>`,
        "    </testcase>",
      ];
    }
  }
}

function body(result: CheckResult): string {
  const { title, at, asked, found, expected, source, cause, remedy } = result;
  return Object.entries({ title, at, asked, found, expected, source, cause, remedy })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
    .join("\n");
}

function counts(results: readonly CheckResult[]): string {
  const count = (status: CheckResult["status"]) =>
    results.filter((one) => one.status === status).length;
  return ` tests="${results.length}" failures="${count("fail")}" errors="${count("unknown")}" skipped="${count("skip")}"`;
}

/** Text and attributes of XML 1.0, which has no way at all to write most control characters. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\u{fffd}")
    .replace(/[&<>"]/g, (one) => entities[one] ?? one);
}
