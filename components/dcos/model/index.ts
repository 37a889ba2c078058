import type { CoeModel } from "../../contract/model";
import { noBfdInCalico } from "../../speakers/calico/traits";
import { ipipProblems } from "../../speakers/model/ipip";
import { accessProblems } from "./access";
import { calicoApiProblems } from "./calico-api";
import { accessFields, draftOf, fields, probeFields } from "./config";
import { packageProblems } from "./packages";
import { ownPart } from "./plan";
import { defaultRole, roles } from "./roles";
import { secretProblem } from "./secrets";
import { etcdNodes, etcdPortOf } from "./services";

/** Masters run no containers and have no Calico; agents are private or public (DC/OS documentation, "Node types"). */
export const dcosModel: CoeModel<"calico"> = {
  roles,
  defaultRole,
  speakers: { calico: { ownMesh: true, noBfd: noBfdInCalico } },
  defaultSpeaker: "calico",
  fields,
  access: {
    fields: accessFields,
    example: '{ url: "https://dcos.example.com", etcd: ["https://10.1.0.31:2379"] }',
  },
  secrets: { sorts: ["tokens", "passwords", "keys"], check: secretProblem },
  noBgpPasswords:
    "Calico reads BGP passwords from Secrets of a Kubernetes API, which its nodes do not have",
  noIpv6:
    'Calico is a CNI network there, and UCR gives its containers no IPv6 address (DC/OS documentation, "Software Defined Networks")',
  listsNodes: false,
  services: {
    ranges: ["loadBalancerCidr"],
    balancers: { program: "marathon-lb", role: "public" },
  },
  labPorts: { etcd: 12379, dcos: 18080 },
  probe: {
    image: "an image with a shell and nginx, such as nginx:1.29-alpine",
    fields: probeFields,
  },
  policy: {
    byNode: "marathon-lb, or a port that an agent maps",
    needed: "masters (HTTP health checks of Marathon fail)",
  },
  // dcos-net of a master answers at all its addresses ("DC/OS Domain Name Service"), for Mesos-DNS too.
  names: { zones: ["mesos", "thisdcos.directory"], at: { role: "master" } },
  *check(coe, at, around) {
    yield* packageProblems(at, coe);
    yield* calicoApiProblems(at, coe, around.config);
    yield* accessProblems(at, coe, around.secrets);
    yield* ipipProblems(draftOf(coe).ipipMode, at, coe, around.config);
  },
  // A Calico 2.x is made by nobody any more, and its pools have no names.
  adoptsPools: (coe) => draftOf(coe).calicoApi === "v1",
  plan: ownPart,
  datastore: (coe) => etcdNodes(coe).map((address) => ({ address, port: etcdPortOf(coe) })),
};
