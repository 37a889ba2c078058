import type { CoePlan } from "../../../plan/types";
import { hostPrefix } from "../../../util/net";
import type { GlobalNetworkPolicy } from "../../speakers/calico/types";
import type { DashboardKind } from "../model/config";
import { type StoredObject, storedObject } from "../objects";
import { dashboardNamespace } from "./dashboard";

/** Name of the policy that keeps everybody but the API server from a dashboard. */
export const dashboardPolicyName = "seamless-dashboard";

/** Before the cluster's own policies of the tier, and before `allow-all`, which has no order and comes last. */
const order = 100;

/** What the API server leads to in the name of who asks it: by a dashboard's kind, names and ports of the pods. */
const entrances: Readonly<
  Record<DashboardKind, { readonly pods: string[]; readonly ports: number[] }>
> = {
  "kube-web-view": { pods: ["kube-web-view"], ports: [8080] },
  "kubernetes-dashboard": {
    pods: ["kubernetes-dashboard-gateway", "kubernetes-dashboard-metrics-scraper"],
    ports: [8000, 8443],
  },
};

/** Hosts that the API server's requests may come from: the controllers, and what `allowFromHosts` names. */
export function apiServers({ nodes, policy }: CoePlan): readonly string[] {
  const controllers = Object.values(nodes).filter(({ role }) => role === "controller");
  return [...controllers.map(({ address }) => hostPrefix(address)), ...(policy.hosts ?? [])].sort();
}

/**
 * Lets in parts of the dashboard itself, and the API server where it leads to: `kubectl port-forward` comes from the pod's
 * own node, whose traffic Calico does not judge. It works under every `policy`, `open` too.
 * @param hosts where API servers are
 */
export function dashboardPolicy(
  kind: DashboardKind,
  hosts: readonly string[],
): GlobalNetworkPolicy {
  const inNamespace = `projectcalico.org/namespace == '${dashboardNamespace}'`;
  const { pods, ports } = entrances[kind];
  const names = pods.map((pod) => `'${pod}'`).join(", ");
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkPolicy",
    metadata: { name: dashboardPolicyName },
    spec: {
      ingress: [
        { action: "Allow", source: { selector: inNamespace } },
        ...(hosts.length === 0
          ? []
          : [
              {
                action: "Allow" as const,
                protocol: "TCP" as const,
                source: { nets: hosts },
                destination: { ports, selector: `app.kubernetes.io/name in { ${names} }` },
              },
            ]),
        { action: "Deny" },
      ],
      order,
      selector: inNamespace,
      types: ["Ingress"],
    },
  };
}

/** The policy as the Kubernetes API keeps it. */
export function storedDashboardPolicy(kind: DashboardKind, hosts: readonly string[]): StoredObject {
  return storedObject(dashboardPolicy(kind, hosts));
}
