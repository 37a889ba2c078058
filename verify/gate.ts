import type { Plan } from "../plan/types";
import { checksOf } from "./checks";
import type { CheckResult, Judged } from "./types";

/**
 * What has to agree when all COEs have moved and reflectors still accept the old and the new: every planned session, and the
 * traffic. What only holds once all is narrowed is not asked.
 */
export function gateChecks(plan: Plan): Judged[] {
  const sessions = new Set(Object.keys(plan.sessions).map((name) => `session/${name}`));
  return checksOf(plan).filter(({ id, group }) => sessions.has(id) || group === "http");
}

/** Why an update does not go on to narrow; undefined where it does. */
export function refusalOf(results: readonly CheckResult[]): string | undefined {
  const bad = results.filter(({ status }) => status === "fail" || status === "unknown");
  if (bad.length === 0) return undefined;
  const lines = bad.map(({ id, status, found }) =>
    status === "fail" ? `${id}: ${found}` : `${id}: could not be asked: ${found}`,
  );
  return [
    `${bad.length} of ${results.length} checks do not pass after the COEs have moved, so nothing was narrowed:`,
    ...lines,
    "reflectors go on accepting the old and the new; mend it and run pulumi up again, or take the change back and run pulumi up",
  ].join("\n");
}
