import type { CoeDraft } from "./draft";
import type { CoeKind } from "./kind";
import type { Path, Problem } from "./problems";

/** A probe runs an image that its COE can get: the lab's own is nowhere else. */
export function probeProblems(
  path: Path,
  { probe, kind, embedded, access }: CoeDraft,
  facts: CoeKind,
  problems: Problem[],
): void {
  if (probe === undefined) return;
  if (!facts.probe.forms && probe.form !== undefined)
    problems.push({
      path: [...path, "probe", "form"],
      message: `found ${probe.form}; a ${kind} COE has no apps: leave it out`,
    });
  if (probe.image || embedded || access === undefined) return;
  problems.push({
    path: [...path, "probe", "image"],
    message: `missing, and the lab's own image is nowhere else; allowed: ${facts.probe.image}; or leave probe out, and verify tries no traffic`,
  });
}
