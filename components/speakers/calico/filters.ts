import type { FencePrefix } from "../../../plan/types";
import { familyOf } from "../../../util/net";
import type { BGPFilter, CalicoPlan, FilterRule } from "./types";

/** Name of the filter by which a node takes what the plan names and nothing else. */
export const acceptedFilter = "seamless-accepted";

/** Name of the filter by which a node sends nothing of what it has learned from others. */
export const ownRoutesFilter = "seamless-own-routes";

/** The filters that peers of the plan refer to, by the last part of their names. */
export function bgpFilters(plan: CalicoPlan): Readonly<Record<string, BGPFilter>> {
  const peers = Object.values(plan.reflectors).filter(({ ownRoutesOnly }) => ownRoutesOnly);
  const filtered = peers.length > 0;
  const both = peers.some(({ address }) => familyOf(address) === 6);
  return {
    ...(plan.accepts === undefined ? {} : { accepted: accepted(plan.accepts) }),
    ...(filtered ? { "own-routes": ownRoutes(both) } : {}),
  };
}

/** All that a plan may give to its peers. */
export const ownFilters: readonly unknown[] = [acceptedFilter, ownRoutesFilter];

/** `RemotePeers`: what was learned from any BGP peer. What no rule is about is judged by Calico as without a filter. */
function ownRoutes(both: boolean): BGPFilter {
  const rules: readonly FilterRule[] = [{ action: "Reject", source: "RemotePeers" }];
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "BGPFilter",
    metadata: { name: ownRoutesFilter },
    spec: { exportV4: rules, ...(both ? { exportV6: rules } : {}) },
  };
}

/**
 * Lets nodes take what the plan names and nothing else, so that no broken or spoofed reflector sends them a default route or the
 * network they are on. What they send needs no filter: Calico sends blocks of its own pools and announced services alone.
 */
function accepted(accepts: readonly FencePrefix[]): BGPFilter {
  const rules = (family: 4 | 6): FilterRule[] => [
    ...accepts
      .filter(({ cidr }) => familyOf(cidr) === family)
      .map(
        ({ cidr, minLength: min, maxLength: max }): FilterRule => ({
          action: "Accept",
          cidr,
          matchOperator: "In",
          prefixLength: { min, max },
        }),
      ),
    { action: "Reject" },
  ];
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "BGPFilter",
    metadata: { name: acceptedFilter },
    spec: { importV4: rules(4), importV6: rules(6) },
  };
}
