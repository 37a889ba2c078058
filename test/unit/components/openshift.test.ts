import { parseAllDocuments } from "yaml";
import type { Kubectl } from "../../../components/cluster/kubectl";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { coeRuntimes } from "../../../components/kinds/runtime";
import { renderOpenshiftForwards } from "../../../components/openshift/names";
import { readOpenshiftNodes } from "../../../components/openshift/nodes";
import { waitForOperator } from "../../../components/openshift/ready";
import { openshiftWord } from "../../../components/openshift/word";
import { outcomeOf } from "../../../standins/openshift/network-operator";
import { kubectlOf } from "../../helpers/kubectl";

const node = (name: string, addresses: readonly string[], annotations: object, labels = {}) => ({
  ...{ apiVersion: "v1", kind: "Node", metadata: { name, annotations, labels } },
  status: { addresses: addresses.map((address) => ({ type: "InternalIP", address })) },
});
const subnets = (value: unknown) => ({
  "k8s.ovn.org/node-subnets": typeof value === "string" ? value : JSON.stringify(value),
});

test("nodes come with the ranges that OVN-Kubernetes has given them", async () => {
  const nodes = [
    node(
      "m-1",
      ["192.0.2.1", "2001:db8::1"],
      subnets({ default: ["10.128.0.0/23", "fd01::/64"] }),
      { "node-role.kubernetes.io/master": "" },
    ),
    node("w-1", ["192.0.2.2"], subnets({ default: "10.129.0.0/23" })),
  ];
  expect(await readOpenshiftNodes("metal", kubectlOf(nodes))).toEqual({
    "m-1": {
      ...{ address: "192.0.2.1", address6: "2001:db8::1", role: "control-plane" },
      podCidr: ["10.128.0.0/23", "fd01::/64"],
    },
    "w-1": { address: "192.0.2.2", role: "worker", podCidr: ["10.129.0.0/23"] },
  });
});

test("a node without a range, or with one that nobody can read, is named", async () => {
  const nodes = [
    node("fresh", ["192.0.2.1"], {}),
    node("odd", ["192.0.2.2"], subnets("{")),
    node("fine", ["192.0.2.3"], subnets({ default: ["10.129.0.0/23"] })),
  ];
  await expect(readOpenshiftNodes("metal", kubectlOf(nodes))).rejects.toThrow(
    "coes.metal.nodes: found fresh, odd without an InternalIP or without the annotation k8s.ovn.org/node-subnets of OVN-Kubernetes; wait for them, or write the nodes down",
  );
});

const plan = makePlan(
  parseConfig({
    network: { nodes: "172.16.18.0/24", asn: 64511 },
    reflectors: { rr: { kind: "gobgp", address: "172.16.18.1" } },
    coes: {
      metal: {
        ...{ kind: "openshift", policy: "open", access: { kubeconfig: "/no" } },
        podCidr: "10.128.0.0/14",
        nodes: { a: { address: "172.16.18.11", podCidr: "10.128.0.0/23" } },
      },
      other: {
        ...{ kind: "kubernetes", policy: "open", access: { kubeconfig: "/no" } },
        podCidr: "10.1.0.0/16",
        nodes: { x: { address: "172.16.18.21" } },
      },
    },
  }),
);

async function documents() {
  const coe = plan.coes.metal;
  if (coe === undefined) throw new Error("no COE in the plan");
  const text = await coeRuntimes.openshift.render.speaker?.(plan, coe);
  return parseAllDocuments(text ?? "").map((one) => one.toJS());
}

test("prints switches, template and advertisements as documents", async () => {
  const [network, template, advertisements, ...more] = await documents();
  expect(more).toEqual([]);
  expect(network).toEqual({
    ...{ apiVersion: "operator.openshift.io/v1", kind: "Network", metadata: { name: "cluster" } },
    spec: {
      additionalRoutingCapabilities: { providers: ["FRR"] },
      defaultNetwork: { ovnKubernetesConfig: { routeAdvertisements: "Enabled" } },
    },
  });
  expect(template.metadata).toEqual({
    ...{ name: "seamless", namespace: "openshift-frr-k8s" },
    labels: { "app.kubernetes.io/managed-by": "seamless" },
  });
  expect(template.spec).not.toHaveProperty("nodeSelector");
  expect(advertisements.spec).toEqual({
    advertisements: ["PodNetwork"],
    networkSelectors: [{ networkSelectionType: "DefaultNetwork" }],
    nodeSelector: {},
    frrConfigurationSelector: { matchLabels: { "app.kubernetes.io/managed-by": "seamless" } },
  });
});

test("the stand-in refuses what OVN-Kubernetes refuses", async () => {
  const [, template, advertisements] = await documents();
  const nodes = [{ name: "a", labels: {}, subnets: ["10.128.0.0/23"] }];
  const status = (given: object, templates: readonly object[]) =>
    outcomeOf({ ...advertisements, ...given }, templates, nodes).status;
  expect(status({}, [template])).toBe("Accepted");
  expect(status({}, [])).toBe("Not Accepted: configuration pending: no FRRConfigurations selected");
  const spec = { ...advertisements.spec, targetVRF: "default" };
  expect(status({ spec }, [template])).toBe(
    "Not Accepted: configuration error: no router for default in openshift-frr-k8s/seamless",
  );
  const [router] = template.spec.bgp.routers;
  const multi = { ...router, neighbors: [{ ...router.neighbors[0], disableMP: false }] };
  expect(status({}, [{ ...template, spec: { bgp: { routers: [multi] } } }])).toBe(
    "Not Accepted: configuration error: DisableMP==false not supported, seen on FRRConfiguration openshift-frr-k8s/seamless neighbor 172.16.18.1",
  );
});

test("tells the DNS operator of other COEs' zones", () => {
  expect(renderOpenshiftForwards({ "other.example": ["192.0.2.53:53"] })).toBe(
    `# kubectl patch dns.operator/default --type=merge --patch-file=FILE
spec:
  servers:
    - name: other-example
      zones:
        - other.example
      forwardPlugin:
        policy: Random
        upstreams:
          - 192.0.2.53:53
`,
  );
});

test("waits for the operator, and says what is missing when time is over", async () => {
  const definition = (name: string) => ({
    ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
    metadata: { name },
  });
  const wait = (kubectl: Kubectl) =>
    waitForOperator(kubectl, { name: "metal" }, () => undefined, 0);
  const what =
    "gave up after 0 s waiting for the network operator of metal to have FRR-K8s on all nodes";
  await expect(wait(kubectlOf([]))).rejects.toThrow(
    `${what}: no definition frrconfigurations.frrk8s.metallb.io yet`,
  );
  const definitions = [
    definition("frrconfigurations.frrk8s.metallb.io"),
    definition("routeadvertisements.k8s.ovn.org"),
  ];
  await expect(wait(kubectlOf(definitions))).rejects.toThrow(
    `${what}: no DaemonSet in openshift-frr-k8s yet`,
  );
  const set = (numberReady: number) => ({
    ...{ apiVersion: "apps/v1", kind: "DaemonSet" },
    metadata: { name: "frr-k8s", namespace: "openshift-frr-k8s" },
    status: { desiredNumberScheduled: 3, numberReady },
  });
  await expect(wait(kubectlOf([...definitions, set(2)]))).rejects.toThrow(
    `${what}: 2 of 3 pods of FRR-K8s are ready`,
  );
  await wait(kubectlOf([...definitions, set(3)]));
});

/** What an FRR takes from the reflector. */
const running = (...lists: string[]) => `router bgp 64511
 neighbor 172.16.18.1 remote-as 64511
 address-family ipv4 unicast
  neighbor 172.16.18.1 route-map 172.16.18.1-in in
 exit-address-family
!
${lists.map((rule, index) => `ip prefix-list allowed seq ${index + 1} permit ${rule}`).join("\n")}
route-map 172.16.18.1-in permit 1
 match ip address prefix-list allowed
exit
`;

test.each([
  ["Geneve", "it takes 10.1.0.0/16 /26, 10.1.0.0/16 /32, 10.128.0.0/14 /23 from 172.16.18.1"],
  ["NoOverlay", undefined],
])("what OVN-Kubernetes itself has nodes accept with transport %s", async (transport, named) => {
  const coe = plan.coes.metal;
  if (coe === undefined) throw new Error("no COE in the plan");
  const network = (group: string, more: object) => ({
    ...{ apiVersion: `${group}.openshift.io/v1`, kind: "Network", metadata: { name: "cluster" } },
    ...more,
  });
  const kubectl = kubectlOf([
    network("config", {
      status: {
        networkType: "OVNKubernetes",
        clusterNetwork: [
          { cidr: "10.128.0.0/14", hostPrefix: 23 },
          { cidr: "fd01::/48", hostPrefix: 64 },
        ],
      },
    }),
    network("operator", {
      spec: {
        defaultNetwork: { ovnKubernetesConfig: { routeAdvertisements: "Enabled", transport } },
      },
    }),
  ]);
  const text = running("10.1.0.0/16 ge 26 le 26", "10.1.0.0/16 ge 32", "10.128.0.0/14 ge 23 le 23");
  const ask = async () => ({ ok: true, asked: "it", value: text }) as const;
  const said = await openshiftWord(coe, ask, kubectl, ask).objects(plan);
  if (!said.ok) throw new Error(said.error);
  const [found, ...more] = said.value.filter(({ object }) => object === "FRR on a");
  expect([found?.found, more]).toEqual([named, []]);
});
