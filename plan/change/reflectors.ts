import type { Plan, ReflectorPlan } from "../types";
import type { ReflectorChange, TakeOver } from "./types";

/** @param takeOvers of the reflectors that are in both plans, by name */
export function reflectorChanges(
  before: Plan,
  after: Plan,
  takeOvers: ReadonlyMap<string, TakeOver>,
): ReflectorChange[] {
  const names = new Set([...Object.keys(before.reflectors), ...Object.keys(after.reflectors)]);
  return [...names].sort().flatMap((reflector): ReflectorChange[] => {
    const [was, is] = [before.reflectors[reflector], after.reflectors[reflector]];
    if (was === undefined) return [{ reflector, change: "added", why: owned(is) }];
    if (is === undefined) return [{ reflector, change: "removed", why: [] }];
    const why = differences(was, is);
    if (was.kind !== is.kind) return [{ reflector, change: "replaced", why }];
    if (takeOvers.get(reflector)?.byOwner === true)
      return [{ reflector, change: "reconfigured", why: [...why, ...owned(is)] }];
    return takeOvers.get(reflector)?.restarts === true
      ? [{ reflector, change: "restarted", why }]
      : [];
  });
}

/** Nothing is done for a router that we do not run; its owner has to be first. */
function owned(is: ReflectorPlan | undefined): string[] {
  return is?.dialect === undefined
    ? []
    : ["its owner applies what `bin/seamless render external` prints, before the update"];
}

function differences(was: ReflectorPlan, is: ReflectorPlan): string[] {
  const pairs = [
    ["kind", was.kind, is.kind],
    ["address", was.address, is.address],
    ["AS", was.asn, is.asn],
    ["port", was.port ?? 179, is.port ?? 179],
    ["cluster-id", was.clusterId, is.clusterId],
  ] as const;
  return pairs.flatMap(([what, old, next]) => (old === next ? [] : [`${what} ${old} -> ${next}`]));
}
