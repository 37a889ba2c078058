import { parse, parseAllDocuments } from "yaml";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { coeRuntimes } from "../../../components/kinds/runtime";
import { nodeConfigurations, templates } from "../../../components/speakers/frr-k8s/configuration";
import { difference } from "../../../components/speakers/frr-k8s/inspect/faults";
import { frrFindings } from "../../../components/speakers/frr-k8s/inspect/findings";
import { networkFindings } from "../../../components/speakers/frr-k8s/inspect/networks";
import { readFrrCluster } from "../../../components/speakers/frr-k8s/inspect/read";
import type { FrrClusterState } from "../../../components/speakers/frr-k8s/inspect/state";
import { frrObjects } from "../../../components/speakers/frr-k8s/objects";
import { passwordSecrets, secretOf } from "../../../components/speakers/frr-k8s/passwords";
import { kubectlOf, type Manifest } from "../../helpers/kubectl";
import { describeWithShared, sharedText } from "../../helpers/shared";

const access = { kubeconfig: "/no" };

function planOf(network: object = {}, reflectors: object = {}, nodes: object = {}) {
  const plan = makePlan(
    parseConfig(
      {
        network: { nodes: ["172.16.18.0/24", "172.16.19.0/24"], asn: 64511, ...network },
        reflectors: { rr: { kind: "gobgp", address: "172.16.18.1" }, ...reflectors },
        coes: {
          plain: {
            ...{ kind: "kubernetes", speaker: "frr-k8s", policy: "open", access },
            podCidr: "10.244.0.0/16",
            nodes: {
              a: { address: "172.16.18.11", podCidr: "10.244.0.0/24" },
              b: { address: "172.16.18.12", podCidr: "10.244.1.0/25", ...nodes },
            },
          },
          calico: {
            ...{ kind: "kubernetes", policy: "open", access, podCidr: "10.1.0.0/16" },
            nodes: { x: { address: "172.16.18.21" } },
          },
        },
      },
      { secrets: { bgpPasswords: { plain: "secret" } } },
    ),
  );
  const coe = plan.coes.plain;
  if (coe === undefined) throw new Error("no COE in the plan");
  return { plan, coe };
}

const namespace = "frr-k8s-system";

test("one object for each node: its sessions, its own range, and what the others may announce", () => {
  const { plan, coe } = planOf();
  const [first, second, ...more] = nodeConfigurations(plan, coe, { namespace, ownRoutes: true });
  expect(more).toEqual([]);
  expect(second?.metadata.name).toBe("seamless-b");
  expect(second?.spec.bgp.routers[0]?.prefixes).toEqual(["10.244.1.0/25"]);
  expect(first).toEqual({
    apiVersion: "frrk8s.metallb.io/v1beta1",
    kind: "FRRConfiguration",
    metadata: {
      ...{ name: "seamless-a", namespace },
      labels: { "app.kubernetes.io/managed-by": "seamless" },
    },
    spec: {
      bgp: {
        routers: [
          {
            asn: 64511,
            neighbors: [
              {
                ...{ address: "172.16.18.1", asn: 64511, sourceaddress: "172.16.18.11" },
                ...{ disableMP: true, enableGracefulRestart: true },
                ...{ holdTime: "90s", keepaliveTime: "30s", connectTime: "5s" },
                passwordSecret: { name: "seamless-bgp-plain", namespace },
                toAdvertise: { allowed: { mode: "filtered", prefixes: ["10.244.0.0/24"] } },
                toReceive: {
                  allowed: {
                    mode: "filtered",
                    prefixes: [
                      { prefix: "10.1.0.0/16", ge: 26, le: 26 },
                      { prefix: "10.1.0.0/16", ge: 32, le: 32 },
                      { prefix: "10.244.0.0/16", ge: 24, le: 24 },
                      { prefix: "10.244.0.0/16", ge: 25, le: 25 },
                    ],
                  },
                },
              },
            ],
            prefixes: ["10.244.0.0/24"],
          },
        ],
      },
      nodeSelector: { matchLabels: { "kubernetes.io/hostname": "a" } },
    },
  });
});

test("each of several reflectors has a Secret of its own, for they change one after the other", () => {
  const { plan, coe } = planOf({}, { two: { kind: "frr", address: "172.16.18.2" } });
  const secrets = nodeConfigurations(plan, coe, { namespace, ownRoutes: true }).map(({ spec }) =>
    spec.bgp.routers[0]?.neighbors.map(({ passwordSecret }) => passwordSecret?.name),
  );
  const both = ["seamless-bgp-plain-rr", "seamless-bgp-plain-two"];
  expect(secrets).toEqual([both, both]);
  expect(passwordSecrets(plan, coe).map((one) => secretOf(one, namespace).metadata.name)).toEqual(
    both,
  );
});

test("sessions with a reflector that can are watched, by times of the plan; what that has sent stays while it is away", () => {
  const { plan, coe } = planOf({ bfd: true }, { two: { kind: "bird", address: "172.16.18.2" } });
  const expected = {
    bfdProfiles: [
      {
        ...{ name: "seamless-300x3", receiveInterval: 300, transmitInterval: 300 },
        detectMultiplier: 3,
      },
    ],
    profileOf: { "172.16.18.1": undefined, "172.16.18.2": "seamless-300x3" },
    raw: {
      rawConfig: "router bgp 64511\n neighbor 172.16.18.2 bfd check-control-plane-failure\nexit",
    },
  };
  const said = [
    ...nodeConfigurations(plan, coe, { namespace, ownRoutes: true }),
    ...templates(plan, coe, { namespace, ownRoutes: false }),
  ].map(({ spec: { bgp, raw } }) => ({
    bfdProfiles: bgp.bfdProfiles,
    profileOf: Object.fromEntries(
      bgp.routers[0]?.neighbors.map((one) => [one.address, one.bfdProfile]) ?? [],
    ),
    raw,
  }));
  expect(said).toEqual([expected, expected, expected]);
});

test("the documents of a cluster are what is applied", async () => {
  const { plan, coe } = planOf();
  const text = await coeRuntimes.kubernetes.render.speaker?.(plan, coe);
  const documents = parseAllDocuments(text ?? "").map((one) => one.toJS());
  expect(documents).toEqual(frrObjects(plan, "plain"));
});

test("one template for all nodes, without the cluster's own ranges; one for each where sessions differ", () => {
  const { plan, coe } = planOf();
  const [only, ...more] = templates(plan, coe, { namespace, ownRoutes: false });
  expect([only?.metadata.name, only?.spec.nodeSelector, more]).toEqual(["seamless", undefined, []]);
  const [router] = only?.spec.bgp.routers ?? [];
  expect(router).not.toHaveProperty("prefixes");
  expect(router?.neighbors[0]).not.toHaveProperty("toAdvertise");
  expect(router?.neighbors[0]?.toReceive.allowed.prefixes.map(({ prefix }) => prefix)).toEqual([
    "10.1.0.0/16",
    "10.1.0.0/16",
  ]);
  const other = planOf({}, {}, { asn: 64600 });
  const several = templates(other.plan, other.coe, { namespace, ownRoutes: false });
  expect(several.map(({ metadata, spec }) => [metadata.name, spec.bgp.routers[0]?.asn])).toEqual([
    ["seamless-a", 64511],
    ["seamless-b", 64600],
  ]);
});

test("a session with another AS across a router says so", () => {
  const { plan, coe } = planOf(
    {},
    { rr: { kind: "gobgp", address: "172.16.19.1", asn: 64999, port: 1179 } },
  );
  const [first] = nodeConfigurations(plan, coe, { namespace, ownRoutes: true });
  expect(first?.spec.bgp.routers[0]?.neighbors[0]).toMatchObject({
    ...{ address: "172.16.19.1", asn: 64999, port: 1179, ebgpMultiHop: true },
  });
});

const { plan, coe } = planOf();
const objects = frrObjects(plan, "plain");
const fine: FrrClusterState = {
  nodes: Object.values(coe.nodes).map(({ name, address, podCidr }) => ({
    ...{ name, addresses: [address], labels: { "kubernetes.io/hostname": name } },
    podCidrs: [podCidr].flat().filter((one) => one !== undefined),
  })),
  fields: Object.keys(objects[0]?.spec.bgp.routers[0]?.neighbors[0] ?? {}),
  agents: [{ namespace, name: "frr-k8s", version: "v0.0.25", wanted: 2, ready: 2 }],
  networks: [],
  configurations: [],
  results: {},
};
const short = (seen: Partial<FrrClusterState>) =>
  frrFindings(coe, objects, { ...fine, ...seen }).map(
    ({ level, id, found }) => `${level} ${id}: ${found}`,
  );
const theirs = (name: string, spec: Record<string, unknown>) => ({
  configurations: [{ namespace, name, ours: false, spec }],
});

test.each<readonly [string, Partial<FrrClusterState>, readonly string[]]>([
  ["nothing", {}, []],
  [
    "another namespace",
    {
      agents: [{ namespace: "metallb-system", name: "frr-k8s", version: "1", wanted: 2, ready: 1 }],
    },
    [
      "blocks frr-k8s/namespace: FRR-K8s runs in metallb-system; the plan has objects for frr-k8s-system",
    ],
  ],
  [
    "an old definition, and a pod that is not ready",
    {
      fields: (fine.fields ?? []).filter((field) => field !== "connectTime"),
      agents: [{ namespace, name: "frr-k8s", version: "v0.0.8", wanted: 2, ready: 1 }],
    },
    [
      "blocks frr-k8s/definitions/connectTime: the definition of FRRConfiguration has no field connectTime of a neighbour, which the plan sets",
      "notes frr-k8s/ready: 1 of 2 pods of frr-k8s-system/frr-k8s are ready",
    ],
  ],
  [
    "nodes that are not as planned",
    {
      nodes: [
        { name: "a", labels: {}, addresses: ["172.16.18.99"], podCidrs: [] },
        { name: "c", labels: {}, addresses: ["172.16.18.13"], podCidrs: ["10.244.2.0/24"] },
      ],
    },
    [
      "blocks node/a/hostname: its label kubernetes.io/hostname is not there; the plan needs a",
      "blocks node/a/address: its InternalIP is 172.16.18.99; the plan says 172.16.18.11",
      "blocks node/a/podCIDR: its podCIDRs are not there; the plan says 10.244.0.0/24",
      "notes node/b: b is planned, and the cluster has no such node",
      "notes node/c: c (172.16.18.13) is not in the plan",
    ],
  ],
  [
    "a router in another AS",
    theirs("metallb", { bgp: { routers: [{ asn: 64999 }] } }),
    ["blocks frrconfiguration/metallb: its router is in AS 64999; the plan says 64511"],
  ],
  [
    "a neighbour that receives all",
    theirs("old", {
      bgp: {
        routers: [
          {
            asn: 64511,
            neighbors: [{ address: "172.16.18.1", toReceive: { allowed: { mode: "all" } } }],
          },
        ],
      },
    }),
    [
      "blocks frrconfiguration/old: it has the neighbour 172.16.18.1, too, and receives all from it",
    ],
  ],
  [
    "routers of other VRFs, and objects for other nodes",
    {
      configurations: [
        ...theirs("vrf", { bgp: { routers: [{ asn: 1, vrf: "red" }] } }).configurations,
        ...theirs("elsewhere", {
          bgp: { routers: [{ asn: 1 }] },
          nodeSelector: { matchLabels: { role: "edge" } },
        }).configurations,
      ],
    },
    [],
  ],
  [
    "an object of the plan's name",
    theirs("seamless-a", {}),
    ["blocks frrconfiguration/seamless-a: seamless-a is there already, and no stack has made it"],
  ],
])("finds %s", (_, seen, expected) => {
  expect(short(seen)).toEqual(expected);
});

/** A DaemonSet, of which the containers tell what it is. */
const daemonSet = (name: string, ...containers: readonly object[]): Manifest & object => ({
  ...{ apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name, namespace: "kube-system" } },
  ...{ spec: { template: { spec: { containers } } } },
});
const flannelMap = (type: string) => ({
  ...{ apiVersion: "v1", kind: "ConfigMap" },
  metadata: { name: "kube-flannel-cfg", namespace: "kube-system" },
  data: { "net-conf.json": JSON.stringify({ Network: "10.244.0.0/16", Backend: { Type: type } }) },
});
const flannel = (...args: readonly string[]) =>
  daemonSet("kube-flannel-ds", { name: "kube-flannel", args });

test.each<readonly [string, readonly Manifest[], readonly string[]]>([
  [
    "Cilium",
    [daemonSet("cilium", { name: "cilium-agent" })],
    ["blocks kube-system/cilium: Cilium"],
  ],
  [
    "kube-router",
    [daemonSet("kube-router", { name: "kube-router" })],
    ["blocks kube-system/kube-router: kube-router"],
  ],
  [
    "kindnet",
    [daemonSet("kindnet", { name: "kindnet-cni" })],
    ["blocks kube-system/kindnet: kindnet"],
  ],
  [
    "flannel with VXLAN",
    [flannel("--ip-masq", "--kube-subnet-mgr"), flannelMap("vxlan")],
    ["blocks kube-system/kube-flannel-ds: flannel, backend vxlan"],
  ],
  [
    "flannel with host-gw and NAT",
    [flannel("--ip-masq", "--kube-subnet-mgr"), flannelMap("host-gw")],
    ["blocks kube-system/kube-flannel-ds: flannel with --ip-masq"],
  ],
  [
    "flannel with host-gw",
    [flannel("--kube-subnet-mgr"), flannelMap("host-gw")],
    ["notes kube-system/kube-flannel-ds: flannel, host-gw"],
  ],
  [
    "MetalLB with an FRR of its own",
    [daemonSet("speaker", { name: "speaker" }, { name: "frr" }, { name: "reloader" })],
    ["blocks kube-system/speaker: MetalLB with an FRR of its own"],
  ],
  ["MetalLB beside FRR-K8s", [daemonSet("speaker", { name: "speaker" })], []],
  ["nothing but plugins", [daemonSet("kube-proxy", { name: "kube-proxy" })], []],
])("joins nodes with %s or refuses them", async (_, manifests, expected) => {
  const { networks } = await readFrrCluster(kubectlOf(manifests));
  expect(networkFindings(networks).map(({ level, found }) => `${level} ${found}`)).toEqual(
    expected,
  );
});

describeWithShared("definitions/frr-k8s/crd", "the published definition", () => {
  test("has all fields of a neighbour that the plan sets", async () => {
    const crd = "definitions/frr-k8s/crd/bases/frrk8s.metallb.io_frrconfigurations.yaml";
    const { fields } = await readFrrCluster(kubectlOf([parse(sharedText(crd))]));
    expect(fields).toEqual(
      expect.arrayContaining([...(fine.fields ?? []), "port", "ebgpMultiHop"]),
    );
  });
});

test("what the API fills in is no difference, what is missing or more in a list is", () => {
  const wanted = { a: [{ b: 1 }], c: "x" };
  expect(difference({ a: [{ b: 1, mode: "filtered" }], c: "x", d: 1 }, wanted, "spec")).toBe(
    undefined,
  );
  expect(difference({ a: [{ b: 1 }, {}], c: "x" }, wanted, "spec")).toEqual({
    ...{ path: "spec.a", found: '[{"b":1},{}]', expected: '[{"b":1}]' },
  });
  expect(difference({ a: [{}], c: "x" }, wanted, "spec")?.path).toBe("spec.a[0].b");
});
