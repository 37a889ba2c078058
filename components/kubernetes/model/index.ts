import type { CoeDraft } from "../../../config/draft";
import type { Path, Problem } from "../../../config/problems";
import { isLabel, labelRule } from "../../../util/label";
import type { CoeModel } from "../../contract/model";
import { addonProblems } from "./addons";
import { usualNamespace } from "./namespace";

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
    yield* namespace(coe, at);
    if (coe.access !== undefined && coe.access.kubeconfig === undefined)
      yield {
        path: [...at, "access", "kubeconfig"],
        message: "missing; a kubernetes COE needs kubeconfig",
      };
  },
  plan: ({ addons, calicoNamespace }) => ({
    addons: Object.keys(addons).sort(),
    ...(calicoNamespace === undefined || calicoNamespace === usualNamespace
      ? {}
      : { calicoNamespace }),
  }),
};

function* namespace({ calicoNamespace: found, embedded }: CoeDraft, at: Path): Iterable<Problem> {
  if (found === undefined) return;
  const path = [...at, "calicoNamespace"];
  if (!isLabel(found))
    yield { path, message: `found ${JSON.stringify(found)}; allowed: ${labelRule}` };
  else if (embedded && found !== usualNamespace)
    yield {
      path,
      message: `found ${found}; calico-node of the lab is in ${usualNamespace}: leave it out`,
    };
}

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
