import type { Plan, ReflectorPlan } from "../../../plan/types";
import { covers, type PrefixPattern, setOf } from "../../../util/net";
import { type Accepted, fenceLine, type NeighbourRole, type RouterState } from "../../ask/router";
import { roleText } from "../contract";
import { acceptedOf, routerConfig } from "../routing";

/**
 * What a router that we do not run has not of the plan, in lines: it may have more, for it is not ours. Passwords stay
 * out of it, for nobody tells them.
 */
export function missingAt(plan: Plan, reflector: ReflectorPlan, found: RouterState): string[] {
  const config = routerConfig(plan, reflector);
  return config.neighbors.flatMap((one) => {
    const has = found.neighbors[one.address];
    if (has === undefined) return [`neighbour ${one.address} is missing`];
    const planned: NeighbourRole = {
      asn: one.asn,
      ...(one.clusterId === undefined ? {} : { clusterId: one.clusterId }),
      ...(one.replacePeerAs === undefined ? {} : { replacePeerAs: one.replacePeerAs }),
    };
    const [should, is] = [roleText(planned), roleText(comparable(has))];
    const role = should === is ? [] : [`neighbour ${one.address} has ${is} instead of ${should}`];
    const length = one.longestPath === undefined ? undefined : `${one.longestPath}`;
    const accepts = acceptedOf(one.address, one.accepts, {
      ...{ nextHop: one.address, length, localPref: undefined },
    });
    const taken = setOf(patternsFrom(one.address, found.accepted));
    return [
      ...role,
      ...accepts
        .filter((accepted) => !covers(taken, patternOf(accepted)))
        .map((accepted) => `not accepted ${fenceLine(accepted)}`),
    ];
  });
}

/** Its owner may have a limit of prefixes of his own. */
function comparable({ password: _, limit: __, ...role }: NeighbourRole): NeighbourRole {
  return role;
}

/** The prefixes that are accepted of a neighbour with itself as next hop. */
function patternsFrom(address: string, accepted: readonly Accepted[]): PrefixPattern[] {
  return accepted
    .filter(
      ({ neighbors, nextHops }) =>
        neighbors.some((one) => one === address || one.startsWith(`${address}/`)) &&
        (nextHops.length === 0 || nextHops.includes(address)),
    )
    .map(patternOf);
}

function patternOf({ prefix, lengths }: Accepted): PrefixPattern {
  const [min = 0, max = 0] = lengths.split("..").map(Number);
  return { prefix, min, max };
}
