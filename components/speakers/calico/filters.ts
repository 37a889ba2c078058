import type { BGPFilter, CalicoPlan } from "./types";

/** Name of the filter by which a node sends nothing of what it has learned from others. */
export const ownRoutesFilter = "seamless-own-routes";

/** The filters that peers of the plan refer to, by the last part of their names. */
export function bgpFilters(plan: CalicoPlan): Readonly<Record<string, BGPFilter>> {
  const filtered = Object.values(plan.reflectors).some(({ ownRoutesOnly }) => ownRoutesOnly);
  return filtered ? { "own-routes": ownRoutes } : {};
}

/** `RemotePeers`: what was learned from any BGP peer. What no rule is about is judged by Calico as without a filter. */
const ownRoutes: BGPFilter = {
  apiVersion: "projectcalico.org/v3",
  kind: "BGPFilter",
  metadata: { name: ownRoutesFilter },
  spec: { exportV4: [{ action: "Reject", source: "RemotePeers" }] },
};
