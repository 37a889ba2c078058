import { SeamlessError } from "../../../util/errors";
import { hostPrefix } from "../../../util/net";
import { tierName } from "./policy";
import type { CalicoDatastores, GlobalNetworkPolicy } from "./types";

/** Its name in Calico's own tier. */
export const datastorePolicyName = "seamless-datastore";

/** Ports of etcd, for its clients and for its members: numbers that IANA has given it. */
const ports = [2379, 2380];

/**
 * Keeps containers away from the etcd that is a Calico's datastore: it is plain HTTP and asks nobody who he is, so that
 * whoever reaches it can change every policy, pool and peer. First of all policies, it drops what goes there and says
 * nothing about the rest. It is about containers only: Calico's own agents are programs of the nodes.
 * @param tiered whether the plan's policies have a tier of their own, which passes on what no policy of it is about
 */
export function datastorePolicy(
  { members, virtual }: CalicoDatastores,
  tiered: boolean,
): GlobalNetworkPolicy {
  if (members.length === 0) throw new SeamlessError("no datastore to keep containers away from");
  const nets = [...members.map(hostPrefix), ...virtual];
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkPolicy",
    metadata: { name: tiered ? `${tierName}.datastore` : datastorePolicyName },
    spec: {
      egress: [{ action: "Deny", destination: { nets, ports }, protocol: "TCP" }],
      order: 0,
      selector: "has(projectcalico.org/orchestrator)",
      ...(tiered ? { tier: tierName } : {}),
      types: ["Egress"],
    },
  };
}
