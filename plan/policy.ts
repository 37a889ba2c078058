import type { CoePlan } from "./types";

/** Whether containers of one engine are let in by another, or by their own. */
export function admits(to: CoePlan, from: CoePlan): boolean {
  const { mode } = to.policy;
  return mode === "open" || from.name === to.name || to.policy.from.includes(from.name);
}

/** The policy of an engine in one column of a table. */
export function describePolicy({ policy }: CoePlan): string {
  switch (policy.mode) {
    case "open":
      return "open to everybody";
    case "closed":
      return "closed";
    case "cross-coe":
      return `from ${policy.from.join(", ")}`;
  }
}
