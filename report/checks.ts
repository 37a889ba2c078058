import type { CheckResult, CheckStatus } from "../verify/types";
import { details, type Html, html, table } from "./html";

/** As words, for nothing is told by its colour alone. */
const words: Readonly<Record<CheckStatus, string>> = {
  pass: "passed",
  fail: "FAILED",
  skip: "skipped",
  unknown: "could not be asked",
};

export function countOf(results: readonly CheckResult[], status: CheckStatus): number {
  return results.filter((result) => result.status === status).length;
}

/** How many checks came out how. */
export function counts(results: readonly CheckResult[]): Html {
  const items = (["pass", "fail", "unknown", "skip"] as const).map(
    (status) =>
      html`<li class="${status}"><b>${countOf(results, status)}</b> ${words[status].toLowerCase()}</li>`,
  );
  return html`<ul class="counts" aria-label="Checks">${items}</ul>`;
}

/** What does not pass with all that is known of it, then every check by group. */
export function checksSection(results: readonly CheckResult[]): Html[] {
  const problems = (["fail", "unknown"] as const).flatMap((status) =>
    results.filter((result) => result.status === status).map(problem),
  );
  const groups = [...new Set(results.map(({ group }) => group))];
  return [
    ...problems,
    ...groups.map((group) => {
      const own = results.filter((result) => result.group === group);
      const passed = countOf(own, "pass");
      return details(
        html`${group}: ${passed} of ${own.length} passed`,
        table(
          `Checks of ${group}`,
          ["Check", "Result", "What must hold", "Found"],
          own.map(({ id, status, title, found }) => [id, mark(status), title, found]),
        ),
      );
    }),
  ];
}

function mark(status: CheckStatus): Html {
  return html`<span class="status ${status}">${words[status]}</span>`;
}

function problem(result: CheckResult): Html {
  const known: readonly (readonly [string, string | undefined])[] = [
    ["at", result.at],
    ["asked", result.asked === "" ? "nobody" : result.asked],
    ["found", result.found],
    ["expected", result.expected],
    ["by", result.source],
    ["likely cause", result.cause],
    ["do", result.remedy],
  ];
  const rows = known.flatMap(([name, said]) =>
    said === undefined ? [] : [html`<dt>${name}</dt><dd>${said}</dd>`],
  );
  return html`<section class="problem ${result.status}">
<h3>${mark(result.status)} ${result.id}</h3>
<p>${result.title}</p>
<dl>${rows}</dl>
</section>`;
}
