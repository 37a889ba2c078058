import type { CoeDraft } from "./draft";
import type { CoeKind } from "./kind";
import type { Path, Problem } from "./problems";

/** A probe runs an image that its COE can get: the lab's own is nowhere else. */
export function probeProblems(
  path: Path,
  coe: CoeDraft,
  facts: CoeKind,
  problems: Problem[],
): void {
  const { probe, embedded, access } = coe;
  if (probe === undefined || facts.probe.runsWithoutImage?.(coe) === true) return;
  if (probe.image !== undefined || embedded || access === undefined) return;
  problems.push({
    path: [...path, "probe", "image"],
    message: `missing; only a lab has an image of its own; allowed: ${facts.probe.image}; or leave probe out, and verify tries no traffic`,
  });
}
