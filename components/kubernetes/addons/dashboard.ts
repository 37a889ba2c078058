import type { Input } from "@pulumi/pulumi";
import type { DashboardAddon } from "../model/config";
import type { Documents } from "./documents";
import { kubeWebView } from "./kube-web-view";
import { kubernetesDashboard } from "./kubernetes-dashboard";
import { clusterRights } from "./rights";

/** Everything of a dashboard is in here, as upstream's manifests have it. */
export const dashboardNamespace = "kubernetes-dashboard";
/** The service that browsers are led to, whichever dashboard there is. */
export const dashboardService = "dashboard";
/** The account with which a dashboard, or who signs in to one, sees the cluster and changes nothing. */
const viewer = "dashboard-viewer";

const managed = { "app.kubernetes.io/managed-by": "seamless" };
const look = ["get", "list", "watch"];

/** What may be seen: what says how a cluster is and what runs in it. No Secrets, and nothing that runs a program. */
const visible = [
  {
    apiGroups: [""],
    resources: [
      ...["nodes", "namespaces", "events", "persistentvolumes", "persistentvolumeclaims"],
      ...["pods", "pods/log", "services", "endpoints", "configmaps", "replicationcontrollers"],
      ...["resourcequotas", "limitranges"],
    ],
    verbs: look,
  },
  {
    apiGroups: ["apps"],
    resources: ["deployments", "daemonsets", "statefulsets", "replicasets"],
    verbs: look,
  },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: look },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: look },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: look },
  {
    apiGroups: ["networking.k8s.io"],
    resources: ["ingresses", "ingressclasses", "networkpolicies"],
    verbs: look,
  },
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: look },
  { apiGroups: ["metrics.k8s.io"], resources: ["nodes", "pods"], verbs: look },
];

/**
 * The objects of a dashboard.
 * @param random a text nobody can guess, in base64, with which the parts of a dashboard sign what they hand to browsers
 */
export function dashboardObjects(addon: DashboardAddon, random: Input<string>): Documents {
  const namespace = dashboardNamespace;
  const grant = { name: `seamless:${viewer}`, account: viewer, namespace, labels: managed };
  const { role, binding } = clusterRights(grant, visible);
  const site = { namespace, service: dashboardService, viewer, labels: managed };
  const images = addon.images ?? {};
  return {
    namespace: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: managed },
    },
    viewer: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: viewer, namespace, labels: managed },
    },
    "viewer-role": role,
    "viewer-binding": binding,
    ...(addon.kind === "kube-web-view"
      ? kubeWebView(site, images)
      : kubernetesDashboard(site, images, random)),
  };
}
