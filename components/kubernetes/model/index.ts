import type { CoeDraft } from "../../../config/draft";
import type { Path, Problem } from "../../../config/problems";
import type { CoeModel } from "../../contract/model";
import { addonProblems } from "./addons";

/** Every node runs calico-node, the controllers too: without routes to pods their API servers could not answer them. */
export const kubernetesModel: CoeModel = {
  roles: { controller: { speaker: true }, worker: { speaker: true } },
  defaultRole: "worker",
  accepts: ["kubeconfig", "context", "allowHttp"],
  secrets: { sorts: [], instead: "its kubeconfig" },
  listsNodes: true,
  services: { ranges: ["serviceCidr", "loadBalancerCidr", "externalCidr"], proxy: "kube-proxy" },
  probe: { image: "an image with /bin/busybox, such as busybox:1.37", forms: false },
  policy: {
    byNode: "services of type NodePort or LoadBalancer",
    needed: "API servers (webhooks and aggregated APIs fail)",
  },
  names: { zones: ["cluster.local"], at: { service: 10 } },
  *check(coe, at) {
    yield* addonProblems(at, coe);
    yield* foreign(coe, at);
    if (coe.access !== undefined && coe.access.kubeconfig === undefined)
      yield {
        path: [...at, "access", "kubeconfig"],
        message: "missing; a kubernetes COE needs kubeconfig",
      };
  },
  plan: ({ addons }) => ({ addons: Object.keys(addons).sort() }),
};

/** Fields of a COE's record that are another kind's. */
function* foreign(coe: CoeDraft, at: Path): Iterable<Problem> {
  for (const name of Object.keys(coe.packages))
    yield {
      path: [...at, "packages", name],
      message: `a ${coe.kind} COE has no packages: leave it out`,
    };
  if (coe.calicoApi !== undefined)
    yield {
      path: [...at, "calicoApi"],
      message: `found ${coe.calicoApi}; a ${coe.kind} COE has no choice of APIs: leave it out`,
    };
}
