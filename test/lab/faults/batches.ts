import type { Fault } from "./fault";

/** Faults that can be there at the same time: each goes to the first batch where nobody is in its way. */
export function batchesOf(faults: readonly Fault[]): Fault[][] {
  const batches: Fault[][] = [];
  for (const fault of faults) {
    const fits = batches.find((batch) => batch.every((other) => !collide(fault, other)));
    if (fits === undefined) batches.push([fault]);
    else fits.push(fault);
  }
  return batches;
}

/** Two that use the same thing; or a policy, which is a matter of the whole COE, and another that breaks a way. */
function collide(one: Fault, other: Fault): boolean {
  if (one.uses.some((used) => other.uses.includes(used))) return true;
  if (one.explained === undefined || other.explained === undefined) return false;
  const policies = [one, other].filter(({ layer }) => layer === "policy").length;
  return policies === 1 || (policies === 2 && one.named.at !== other.named.at);
}
