import type { CoeModel } from "../../contract/model";
import { accessProblems } from "./access";
import { calicoApiProblems } from "./calico-api";
import { packageProblems } from "./packages";
import { ownPart } from "./plan";
import { defaultRole, roles } from "./roles";
import { secretProblem } from "./secrets";
import { etcdNodes, etcdPortOf } from "./services";

/** Masters run no containers and have no Calico; agents are private or public (DC/OS documentation, "Node types"). */
export const dcosModel: CoeModel = {
  roles,
  defaultRole,
  accepts: ["url", "ca", "uid", "etcd", "ssh", "allowHttp"],
  secrets: { sorts: ["tokens", "passwords", "keys"], check: secretProblem },
  noBgpPasswords:
    "Calico reads BGP passwords from Secrets of a Kubernetes API, which its nodes do not have",
  listsNodes: false,
  services: {
    ranges: ["loadBalancerCidr"],
    balancers: { program: "marathon-lb", role: "public" },
  },
  probe: { image: "an image with a shell and nginx, such as nginx:1.29-alpine", forms: true },
  policy: {
    byNode: "marathon-lb, or a port that an agent maps",
    needed: "masters (HTTP health checks of Marathon fail)",
  },
  // dcos-net of a master answers at all its addresses ("DC/OS Domain Name Service"), for Mesos-DNS too.
  names: { zones: ["mesos", "thisdcos.directory"], at: { role: "master" } },
  *check(coe, at, around) {
    for (const name of Object.keys(coe.addons))
      yield {
        path: [...at, "addons", name],
        message: `a ${coe.kind} COE has no add-ons: leave it out`,
      };
    if (coe.calicoNamespace !== undefined)
      yield {
        path: [...at, "calicoNamespace"],
        message: `found ${coe.calicoNamespace}; a ${coe.kind} COE has no namespaces: leave it out`,
      };
    yield* packageProblems(at, coe);
    yield* calicoApiProblems(at, coe, around.config);
    yield* accessProblems(at, coe, around.secrets);
  },
  // A Calico 2.x is made by nobody any more, and its pools have no names.
  adoptsPools: ({ calicoApi }) => calicoApi === "v1",
  plan: ownPart,
  datastore: (coe) => etcdNodes(coe).map((address) => ({ address, port: etcdPortOf(coe) })),
};
