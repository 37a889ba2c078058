import { KubernetesPeering } from "../../../components/kubernetes/peering";
import type { CoeArgs } from "../../../components/types";
import { readStackConfig } from "../../../config";
import { makePlan } from "../../../plan";
import { named, registeredBy } from "../../helpers/mocks";

const plan = makePlan(readStackConfig("Pulumi.lab.yaml"));

const register = (args: Partial<CoeArgs> = {}) =>
  registeredBy(
    (options) =>
      new KubernetesPeering(
        "kubernetes",
        { plan, coe: "kubernetes", access: { kubeconfig: "text" }, ...args },
        options,
      ),
  );

const calico = "kubernetes:crd.projectcalico.org/v1";
const apiVersion = "crd.projectcalico.org/v1";
const annotations = { "pulumi.com/patchForce": "true" };
const allow = [{ action: "Allow" }];

test("is Calico's objects and the probe, all below the component", async () => {
  const resources = await register({ probe: { instances: 3 } });
  expect(resources.map(({ type, name, parent }) => [type, name, parent])).toEqual([
    ["seamless:index:KubernetesPeering", "kubernetes", undefined],
    ["pulumi:providers:kubernetes", "kubernetes-cluster", "kubernetes"],
    [`${calico}:IPPool`, "kubernetes-pool", "kubernetes"],
    [`${calico}:GlobalNetworkPolicy`, "kubernetes-policy", "kubernetes"],
    [`${calico}:BGPPeer`, "kubernetes-peer-reflector", "kubernetes"],
    [`${calico}:BGPConfigurationPatch`, "kubernetes-bgp", "kubernetes"],
    ["kubernetes:core/v1:Namespace", "kubernetes-namespace", "kubernetes"],
    ["kubernetes:apps/v1:Deployment", "kubernetes-probe", "kubernetes"],
  ]);
});

test("its plan is an input of the component, so that a preview shows what changes", async () => {
  const { inputs } = named(await register(), "kubernetes");
  expect(inputs).toEqual({ coe: plan.coes.kubernetes });
});

test("another address of the API server is no other cluster", async () => {
  const { inputs } = named(
    await register({ access: { kubeconfig: "text", context: "c" } }),
    "kubernetes-cluster",
  );
  expect(inputs).toEqual({
    clusterIdentifier: "seamless-kubernetes",
    context: "c",
    enableServerSideApply: "true",
    kubeconfig: "text",
  });
});

test("sets the pool, the policy, the peer and, once there is a peer, the AS without a mesh", async () => {
  const resources = await register();
  expect(named(resources, "kubernetes-pool").inputs).toEqual({
    apiVersion,
    kind: "IPPool",
    metadata: { name: "192-168-0-0-17", annotations },
    spec: {
      blockSize: 26,
      cidr: "192.168.0.0/17",
      ipipMode: "Never",
      natOutgoing: false,
      nodeSelector: "all()",
      vxlanMode: "Never",
    },
  });
  expect(named(resources, "kubernetes-policy").inputs).toEqual({
    apiVersion,
    kind: "GlobalNetworkPolicy",
    metadata: { name: "default.allow-all", annotations },
    spec: {
      egress: allow,
      ingress: allow,
      selector: "all()",
      tier: "default",
      types: ["Ingress", "Egress"],
    },
  });
  expect(named(resources, "kubernetes-peer-reflector").inputs).toEqual({
    apiVersion,
    kind: "BGPPeer",
    metadata: { name: "172-16-18-32", annotations },
    spec: { asNumber: 64511, peerIP: "172.16.18.32" },
  });
  expect(named(resources, "kubernetes-bgp")).toMatchObject({
    inputs: {
      apiVersion,
      kind: "BGPConfiguration",
      metadata: { name: "default", annotations },
      spec: { asNumber: 64511, nodeToNodeMeshEnabled: false },
    },
    options: { dependsOn: ["kubernetes-peer-reflector"] },
  });
});

test("spreads the probe over the nodes, when addresses come from the pool", async () => {
  const resources = await register({ probe: { instances: 3, image: "example/probe:2" } });
  expect(named(resources, "kubernetes-namespace").inputs).toMatchObject({
    metadata: { name: "seamless" },
  });
  expect(named(resources, "kubernetes-probe")).toMatchObject({
    inputs: {
      metadata: {
        name: "seamless-probe",
        namespace: "seamless",
        labels: { app: "seamless-probe" },
      },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "seamless-probe" } },
        template: {
          metadata: { labels: { app: "seamless-probe" } },
          spec: {
            topologySpreadConstraints: [
              { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule" },
            ],
            containers: [
              {
                image: "example/probe:2",
                imagePullPolicy: "IfNotPresent",
                ports: [{ containerPort: 8080 }],
              },
            ],
          },
        },
      },
    },
    options: {
      dependsOn: ["kubernetes-bgp", "kubernetes-namespace", "kubernetes-policy", "kubernetes-pool"],
    },
  });
});

test("the number of resources does not grow with the nodes", async () => {
  const { kubernetes } = readStackConfig("Pulumi.lab.yaml").coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const nodes = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`worker-${i}`, { address: `172.16.18.${100 + i}` }]),
  );
  const lab = readStackConfig("Pulumi.lab.yaml");
  const large = makePlan({ ...lab, coes: { kubernetes: { ...kubernetes, nodes } } });
  expect(await register({ plan: large })).toHaveLength((await register()).length);
});
