import type { Plan } from "../../plan/types";
import { templates } from "../speakers/frr-k8s/configuration";
import { ourLabels } from "../speakers/frr-k8s/names";
import { plannedCoe } from "../speakers/frr-k8s/objects";
import type { FRRConfiguration } from "../speakers/frr-k8s/types";
import { frrNamespace } from "./model";

/**
 * What the network operator has to have on ("Enabling BGP routing", "Route advertisements" of OpenShift's documentation):
 * it refuses the second without the first.
 */
export const networkSpec = {
  additionalRoutingCapabilities: { providers: ["FRR"] },
  defaultNetwork: { ovnKubernetesConfig: { routeAdvertisements: "Enabled" } },
} as const;

/** The operator's only object. */
export const networkOperator = {
  apiVersion: "operator.openshift.io/v1",
  kind: "Network",
  metadata: { name: "cluster" },
} as const;

/** Neighbours and import filters, which OVN-Kubernetes fills in with the ranges of nodes; routes inside the cluster are its own. */
export function templatesOf(plan: Plan, coe: string): readonly FRRConfiguration[] {
  const own = plannedCoe(plan, coe);
  return templates(plan, own, { namespace: frrNamespace, ownRoutes: false });
}

/**
 * Pods of the default network, from all nodes: with another nodeSelector it is refused. Without targetVRF it is the default
 * VRF; by the name `default` no router is found.
 */
export function routeAdvertisements() {
  return {
    apiVersion: "k8s.ovn.org/v1",
    kind: "RouteAdvertisements",
    metadata: { name: "seamless", labels: ourLabels },
    spec: {
      advertisements: ["PodNetwork"],
      networkSelectors: [{ networkSelectionType: "DefaultNetwork" }],
      nodeSelector: {},
      frrConfigurationSelector: { matchLabels: ourLabels },
    },
  } as const;
}
