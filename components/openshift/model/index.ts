import type { CoeDraft } from "../../../config/draft";
import type { Path, Problem } from "../../../config/problems";
import { accessFields } from "../../cluster/model/access";
import { frrProblems } from "../../cluster/model/frr";
import type { CoeModel } from "../../contract/model";

/** Where the cluster's network operator puts FRR-K8s. */
export const frrNamespace = "openshift-frr-k8s";

/**
 * OpenShift with OVN-Kubernetes, whose BGP is FRR-K8s. With Calico by its operator it is a Kubernetes with Calico like any
 * other, and planned as such.
 */
export const openshiftModel: CoeModel<"frr-k8s"> = {
  roles: { "control-plane": { speaker: true }, worker: { speaker: true } },
  defaultRole: "worker",
  speakers: {
    "frr-k8s": {
      nodeRanges: true,
      ownRoutes: "elsewhere",
      passwordsAsWords: true,
    },
  },
  defaultSpeaker: "frr-k8s",
  fields: {},
  access: { fields: accessFields, example: "{ kubeconfig: ~/.kube/config }" },
  secrets: { sorts: [], instead: "its kubeconfig" },
  listsNodes: true,
  services: { ranges: ["serviceCidr"], proxy: "OVN-Kubernetes" },
  labPorts: {},
  probe: { image: "an image with /bin/busybox, such as busybox:1.37", fields: {} },
  policy: {
    byNode: "services of type NodePort or LoadBalancer, and routes",
    needed: "API servers (webhooks and aggregated APIs fail)",
  },
  names: { zones: ["cluster.local"], at: { service: 10 } },
  *check(coe, at, around) {
    yield* frrProblems(coe, at, around);
    yield* own(coe, at);
    if (coe.access !== undefined && coe.access.kubeconfig === undefined)
      yield {
        path: [...at, "access", "kubeconfig"],
        message: "missing; an openshift COE needs kubeconfig",
      };
  },
  plan: () => ({ addons: [], frrNamespace }),
};

function* own(coe: CoeDraft, at: Path): Iterable<Problem> {
  if (coe.speaker === "calico")
    yield {
      path: [...at, "kind"],
      message:
        "found openshift with Calico; OpenShift whose network is Calico by its operator is planned as kind: kubernetes with calicoNamespace: calico-system",
    };
  if (coe.embedded)
    yield {
      path: [...at, "access"],
      message:
        "found embedded; OpenShift cannot be had for the lab: give access.kubeconfig of a cluster that is there",
    };
  if (coe.written.announceServices === true)
    yield {
      path: [...at, "announceServices"],
      message:
        "found true; RouteAdvertisements has pods and egress addresses, and no services: leave it out",
    };
}
