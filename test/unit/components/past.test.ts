/** What is read before a cluster is joined, and given back at the end. */

import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import {
  giveBackCommands,
  parsePast,
  readBack,
  readPast,
  renderPast,
} from "../../../components/kubernetes/past";
import { calicoPlan } from "../../../components/speakers/calico/objects";
import { withServicesOf } from "../../../components/speakers/calico/service-ranges";
import { kubectlOf, type Manifest } from "../../helpers/kubectl";

const config = readStackConfig("Pulumi.lab.yaml");
const coes = { ...config.coes, kubernetes: { ...config.coes.kubernetes, pool: "old" } };
const adopting = calicoPlan(makePlan(parseConfig({ ...config, coes })), "kubernetes");
const making = calicoPlan(makePlan(config), "kubernetes");

const object = (
  kind: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
  manager = "calicoctl",
): Manifest => {
  const fieldsV1 = {
    "f:spec": Object.fromEntries(Object.keys(spec).map((field) => [`f:${field}`, {}])),
  };
  const metadata = { name, managedFields: [{ manager, fieldsV1 }] };
  const manifest = { apiVersion: "crd.projectcalico.org/v1", kind, metadata, spec };
  return manifest;
};
const pool = object("IPPool", "old", {
  cidr: "192.168.0.0/17",
  ipipMode: "Always",
  nodeSelector: "x",
});
const bgp = {
  asNumber: 64512,
  serviceLoadBalancerIPs: [{ cidr: "10.50.0.0/16" }],
  logSeverityScreen: "Debug",
};
const nothing = { nodeToNodeMeshEnabled: null, serviceClusterIPs: null, serviceExternalIPs: null };

test("what was given back is read back", async () => {
  const configuration = object("BGPConfiguration", "default", bgp);
  const past = await readPast(kubectlOf([pool, configuration]), adopting, undefined);
  expect(await readBack(kubectlOf([pool, configuration]), past)).toBe(
    "read back: bgpconfigurations default, ippools old: as found before joining",
  );
  const other = object("IPPool", "old", { cidr: "192.168.0.0/17", disabled: true });
  expect(await readBack(kubectlOf([other]), { ...past, bgp: { asNumber: 64512 } })).toBe(
    'read back, and not as found before joining: bgpconfigurations default is gone; ippools old has disabled true instead of null; ippools old has ipipMode null instead of "Always"',
  );
});

test("of an adopted pool and of the BGP configuration, the fields that joining may overwrite", async () => {
  const kubectl = kubectlOf([pool, object("BGPConfiguration", "default", bgp)]);
  const past = await readPast(kubectl, adopting, undefined);
  expect(past).toEqual({
    pools: { old: { disabled: null, ipipMode: "Always", natOutgoing: null, vxlanMode: null } },
    bgp: { ...nothing, asNumber: 64512, serviceLoadBalancerIPs: bgp.serviceLoadBalancerIPs },
  });
  expect(parsePast(renderPast(past))).toEqual(past);
  expect(giveBackCommands(past).map((args) => [args[1], args[2], args.at(-1)])).toEqual([
    [
      "bgpconfigurations.crd.projectcalico.org",
      "default",
      JSON.stringify({
        spec: {
          asNumber: 64512,
          nodeToNodeMeshEnabled: null,
          serviceClusterIPs: null,
          serviceExternalIPs: null,
          serviceLoadBalancerIPs: [{ cidr: "10.50.0.0/16" }],
        },
      }),
    ],
    [
      "ippools.crd.projectcalico.org",
      "old",
      JSON.stringify({
        metadata: { annotations: { "pulumi.com/patchForce": null } },
        spec: { disabled: null, ipipMode: "Always", natOutgoing: null, vxlanMode: null },
      }),
    ],
  ]);
});

test("a new cluster has nothing to be given back", async () => {
  const past = await readPast(kubectlOf([]), making, undefined);
  expect([past, renderPast(past), parsePast("")]).toEqual([{ pools: {} }, "", undefined]);
});

test("what only a stack has set was not there before", async () => {
  const ours = object("BGPConfiguration", "default", { asNumber: 64511 }, "pulumi-kubernetes-x");
  expect(await readPast(kubectlOf([ours]), making, undefined)).toEqual({
    pools: {},
    bgp: { ...nothing, asNumber: null, serviceLoadBalancerIPs: null },
  });
});

test("what the first look has told stays, whatever joining has made of it since", async () => {
  const earlier = { pools: { old: { ipipMode: "CrossSubnet" } }, bgp: { asNumber: 65000 } };
  const kubectl = kubectlOf([pool, object("BGPConfiguration", "default", bgp)]);
  expect(await readPast(kubectl, adopting, earlier)).toEqual(earlier);
  // Where there was no BGPConfiguration, that of now is the stack's.
  const none = { pools: {} };
  expect(await readPast(kubectl, making, none)).toEqual(none);
});

test("ranges of services that were announced before stay in front of those of the plan", () => {
  const spec = { asNumber: 64511, serviceLoadBalancerIPs: [{ cidr: "10.97.0.0/24" }] };
  const before = (...cidrs: string[]) => ({
    serviceLoadBalancerIPs: cidrs.map((cidr) => ({ cidr })),
    serviceExternalIPs: [{ cidr: "10.1.0.0/16" }],
  });
  expect(withServicesOf(spec, before("10.50.0.0/16"))).toEqual({
    asNumber: 64511,
    serviceLoadBalancerIPs: [{ cidr: "10.50.0.0/16" }, { cidr: "10.97.0.0/24" }],
  });
  expect(withServicesOf(spec, before("10.97.0.0/24"))).toEqual(spec);
  expect(withServicesOf(spec, undefined)).toEqual(spec);
});
