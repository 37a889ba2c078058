import type { CoeDraft } from "../../../config/draft";
import { familiesOf } from "../../../config/family";
import type { Around } from "../../../config/kind";
import type { Path, Problem } from "../../../config/problems";
import { isLabel, labelRule } from "../../../util/label";
import { accessFields } from "../../cluster/model/access";
import { frrProblems } from "../../cluster/model/frr";
import { usualFrrNamespace } from "../../cluster/model/frr-namespace";
import type { CoeModel } from "../../contract/model";
import { noBfdInCalico } from "../../speakers/calico/traits";
import { ipipPart, ipipProblems } from "../../speakers/model/ipip";
import { addonProblems } from "./addons";
import { draftOf, fields, ownOf } from "./config";
import { usualNamespace } from "./namespace";

const usualZones = ["cluster.local"];

/** Every node runs calico-node, the controllers too: without routes to pods their API servers could not answer them. */
export const kubernetesModel: CoeModel<"calico" | "frr-k8s"> = {
  roles: { controller: { speaker: true }, worker: { speaker: true } },
  defaultRole: "worker",
  speakers: {
    calico: { ownMesh: true, noBfd: noBfdInCalico },
    "frr-k8s": { nodeRanges: true, passwordsAsWords: true },
  },
  defaultSpeaker: "calico",
  fields,
  access: { fields: accessFields, example: "{ kubeconfig: ~/.kube/config }" },
  secrets: { sorts: [], instead: "its kubeconfig" },
  listsNodes: true,
  services: { ranges: ["serviceCidr", "loadBalancerCidr", "externalCidr"], proxy: "kube-proxy" },
  labPorts: { kubernetes: 16443 },
  probe: { image: "an image with /bin/busybox, such as busybox:1.37", fields: {} },
  policy: {
    byNode: "services of type NodePort or LoadBalancer",
    needed: "API servers (webhooks and aggregated APIs fail)",
  },
  names: { zones: usualZones, at: { service: 10 } },
  *check(coe, at, around) {
    yield* addonProblems(at, coe);
    yield* speaker(coe, at, around);
    yield* zones(coe, at);
    yield* namespace(coe, at);
    yield* bothFamilies(coe, at);
    yield* affinity(coe, at);
    yield* ipipProblems(draftOf(coe).ipipMode, at, coe, around.config);
    if (coe.access !== undefined && coe.access.kubeconfig === undefined)
      yield {
        path: [...at, "access", "kubeconfig"],
        message: "missing; a kubernetes COE needs kubeconfig",
      };
  },
  // The dashboard shows a cluster to whoever reaches it.
  admitsHosts: (coe) => draftOf(coe).addons?.dashboard !== undefined,
  plan(coe) {
    const { addons, calicoNamespace, frrNamespace, strictAffinity, localServices, ipipMode } =
      ownOf(coe);
    return {
      addons: Object.keys(addons).sort(),
      ...(calicoNamespace === undefined || calicoNamespace === usualNamespace
        ? {}
        : { calicoNamespace }),
      ...(strictAffinity === true ? { strictAffinity } : {}),
      ...ipipPart(ipipMode),
      ...(localServices === false ? { localServices } : {}),
      ...(frrNamespace === undefined || frrNamespace === usualFrrNamespace ? {} : { frrNamespace }),
    };
  },
};

/** What goes with what speaks BGP on the nodes. */
function* speaker(coe: CoeDraft, at: Path, around: Around): Iterable<Problem> {
  const { frrNamespace } = draftOf(coe);
  if (coe.speaker !== "frr-k8s") {
    if (frrNamespace !== undefined)
      yield {
        path: [...at, "frrNamespace"],
        message: "means nothing without speaker frr-k8s; leave it out",
      };
    return;
  }
  if (frrNamespace !== undefined && !isLabel(frrNamespace))
    yield {
      path: [...at, "frrNamespace"],
      message: `found ${JSON.stringify(frrNamespace)}; allowed: ${labelRule}`,
    };
  else if (coe.embedded && frrNamespace !== undefined && frrNamespace !== usualFrrNamespace)
    yield {
      path: [...at, "frrNamespace"],
      message: `found ${frrNamespace}; FRR-K8s of the lab is in ${usualFrrNamespace}: leave it out`,
    };
  for (const name of Object.keys(draftOf(coe).addons ?? {}))
    yield {
      path: [...at, "addons", name],
      message:
        "means nothing with speaker frr-k8s, with which no add-ons are made: leave it out, and use the cluster's own",
    };
  yield* frrProblems(coe, at, around);
}

/** The name server that is made as an add-on answers for its own zones. */
function* zones(coe: CoeDraft, at: Path): Iterable<Problem> {
  const { names } = coe;
  const others = (names?.zones ?? []).filter((zone) => !usualZones.includes(zone));
  if (names === undefined || names.servers !== undefined || others.length === 0) return;
  if (draftOf(coe).addons?.dns === undefined) return;
  yield {
    path: [...at, "names", "zones"],
    message: `found ${others.join(", ")} with the add-on dns, which answers for ${usualZones.join(", ")}; allowed: ${usualZones.join(", ")}, or names.servers that answer for the others`,
  };
}

/** API server, controllers and kubelets of a cluster with two families have services in both. */
function* bothFamilies({ podCidr, serviceCidr }: CoeDraft, at: Path): Iterable<Problem> {
  const [pods, services] = [familiesOf(podCidr), familiesOf(serviceCidr)];
  const path = [...at, "serviceCidr"];
  const [missing] = pods.filter((family) => !services.includes(family));
  if (pods.length < 2 || services.length === 0 || missing === undefined) return;
  yield {
    path,
    message: `found ${serviceCidr?.join(", ")}, and podCidr has both families; needed: an IPv${missing} range beside it, as the cluster has one where its pods have both (Kubernetes, "IPv4/IPv6 dual-stack")`,
  };
}

function* affinity(coe: CoeDraft, at: Path): Iterable<Problem> {
  if (draftOf(coe).strictAffinity !== true || !coe.embedded) return;
  yield {
    path: [...at, "strictAffinity"],
    message: "found true; nodes of the lab may borrow addresses: leave it out",
  };
}

function* namespace(coe: CoeDraft, at: Path): Iterable<Problem> {
  const { calicoNamespace: found } = draftOf(coe);
  if (found === undefined) return;
  const path = [...at, "calicoNamespace"];
  if (!isLabel(found))
    yield { path, message: `found ${JSON.stringify(found)}; allowed: ${labelRule}` };
  else if (coe.embedded && found !== usualNamespace)
    yield {
      path,
      message: `found ${found}; calico-node of the lab is in ${usualNamespace}: leave it out`,
    };
}
