import { ComponentResource, secret } from "@pulumi/pulumi";
import { probeDeployment } from "../../../components/cluster/probe";
import type { CoeArgs } from "../../../components/contract/deploy";
import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { storedObject } from "../../../components/kubernetes/objects";
import { KubernetesPeering } from "../../../components/kubernetes/peering";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { named, registeredBy } from "../../helpers/mocks";
import { expectTree, type Named } from "../../helpers/tree";

const config = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(config);
const objects = calicoObjects(calicoPlan(plan, "kubernetes"));
const apiVersion = "crd.projectcalico.org/v1";
/** Takes over the fields that somebody else has set. */
const annotations = { "pulumi.com/patchForce": "true" };
const access = { kubeconfig: secret("apiVersion: v1"), context: "seamless" };

const component: Named = ["seamless:index:KubernetesPeering", "kubernetes"];
const custom = "kubernetes:crd.projectcalico.org/v1";
const withoutProbe: Named[] = [
  ["command:local:Command", "kubernetes-inspect"],
  ["pulumi:providers:kubernetes", "kubernetes-cluster"],
  [`${custom}:IPPool`, "kubernetes-pool"],
  [`${custom}:GlobalNetworkPolicy`, "kubernetes-policy"],
  [`${custom}:GlobalNetworkPolicy`, "kubernetes-datastore-policy"],
  [`${custom}:BGPPeer`, "kubernetes-peer-reflector"],
  [`${custom}:BGPConfigurationPatch`, "kubernetes-bgp"],
  [`${custom}:BGPConfigurationPatch`, "kubernetes-mesh"],
  ["command:local:Command", "kubernetes-give-back"],
];

const registered = (args: Partial<CoeArgs> = {}) =>
  registeredBy(
    (options) =>
      new KubernetesPeering("kubernetes", { plan, coe: "kubernetes", access, ...args }, options),
  );

test("Calico's objects, and nothing for the probe where there is none", async () => {
  expectTree(await registered(), component, withoutProbe);
});

test("the probe is a namespace and a deployment that wait for Calico's objects", async () => {
  const found = await registered({ probe: { instances: 3 } });
  expectTree(found, component, [
    ...withoutProbe,
    ["kubernetes:core/v1:Namespace", "kubernetes-namespace"],
    ["kubernetes:apps/v1:Deployment", "kubernetes-probe"],
  ]);
  expect(named(found, "kubernetes-probe").options.dependsOn).toEqual([
    "kubernetes-bgp",
    "kubernetes-namespace",
    "kubernetes-policy",
    "kubernetes-pool",
  ]);
  expect(named(found, "kubernetes-namespace").inputs).toEqual({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "seamless" },
  });
  expect(named(found, "kubernetes-probe").inputs).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    ...probeDeployment({ instances: 3 }),
  });
});

test("a pool that was there before is taken over by its name, and stays when the stack goes", async () => {
  const { kubernetes } = config.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const coes = { ...config.coes, kubernetes: { ...kubernetes, pool: "default-ipv4-ippool" } };
  const found = named(await registered({ plan: makePlan({ ...config, coes }) }), "kubernetes-pool");
  expect(found.inputs).toMatchObject({
    metadata: { name: "default-ipv4-ippool" },
    // It keeps the nodes it is for.
    spec: {
      blockSize: 26,
      cidr: "192.168.0.0/17",
      ipipMode: "Never",
      natOutgoing: false,
      vxlanMode: "Never",
    },
  });
  expect(found.inputs.spec).not.toHaveProperty("nodeSelector");
  expect(found.options.retainOnDelete).toBe(true);
  expect(named(await registered(), "kubernetes-pool").options.retainOnDelete).toBe(false);
});

test("what was there before is given back at the end, but to machines of the stack's own", async () => {
  const { inputs } = named(await registered(), "kubernetes-give-back");
  expect(inputs).toMatchObject({ delete: "bin/seamless internal kubernetes-give-back" });
  expect(inputs).not.toHaveProperty("create");
  const fresh = await registered({ fresh: true });
  expect(fresh.map(({ name }) => name)).not.toContain("kubernetes-give-back");
});

test("what the cluster is compared with is the plan's part of it, by a secret kubeconfig", async () => {
  const { inputs } = named(await registered(), "kubernetes-inspect");
  expect(JSON.parse(String(inputs.stdin))).toEqual({
    coe: plan.coes.kubernetes,
    calico: calicoPlan(plan, "kubernetes"),
    context: "seamless",
  });
  expect(JSON.stringify(inputs.environment)).toContain("1b47061264138c4ac30d75fd1eb44270");
});

test("the AS comes first, then the peers, and the mesh goes off last", async () => {
  const second = { kind: "gobgp", address: "172.16.18.31" } as const;
  const reflectors = { ...config.reflectors, another: second };
  const found = await registered({ plan: makePlan({ ...config, reflectors }) });
  expectTree(found, component, [...withoutProbe, [`${custom}:BGPPeer`, "kubernetes-peer-another"]]);
  const waits = found.flatMap(({ name, options }) =>
    options.dependsOn.length === 0 ? [] : [[name, options.dependsOn]],
  );
  const before = ["kubernetes-inspect"];
  expect(waits).toEqual([
    ["kubernetes-pool", before],
    ["kubernetes-policy", before],
    ["kubernetes-datastore-policy", [...before, "kubernetes-policy"].sort()],
    ["kubernetes-bgp", before],
    ["kubernetes-peer-another", ["kubernetes-bgp", ...before]],
    ["kubernetes-peer-reflector", ["kubernetes-bgp", ...before]],
    ["kubernetes-mesh", [...before, "kubernetes-peer-another", "kubernetes-peer-reflector"]],
    ["kubernetes-give-back", ["kubernetes-mesh", "kubernetes-pool"]],
  ]);
});

test("nodes in another AS than the rest are told theirs before the rest is", async () => {
  const { kubernetes } = config.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const nodes = {
    one: { address: "172.16.18.33" },
    two: { address: "172.16.18.34", asn: 64600 },
  };
  const coes = { ...config.coes, kubernetes: { ...kubernetes, nodes } };
  const found = await registered({ plan: makePlan({ ...config, coes }) });
  const { inputs, options } = named(found, "kubernetes-node-as");
  expect(JSON.parse(String(inputs.stdin))).toEqual({
    asn: 64511,
    nodes: {
      one: { address: "172.16.18.33", asn: 64511 },
      two: { address: "172.16.18.34", asn: 64600 },
    },
    context: "seamless",
  });
  expect([inputs.create, inputs.update, inputs.delete]).toEqual([
    "bin/seamless internal kubernetes-node-as",
    "bin/seamless internal kubernetes-node-as",
    "bin/seamless internal kubernetes-node-as-delete",
  ]);
  expect(JSON.stringify(inputs.environment)).toContain("1b47061264138c4ac30d75fd1eb44270");
  expect(options.dependsOn).toEqual(["kubernetes-inspect"]);
  expect(named(found, "kubernetes-bgp").options.dependsOn).toContain("kubernetes-node-as");
});

test("where the reflector can be asked, the mesh waits for the sessions", async () => {
  const found = await registeredBy((options) => {
    const resource = new ComponentResource("test:index:Reflector", "rr", {}, options);
    const running = { dockerHost: "unix:///docker", container: "seamless-reflector", resource };
    const reflectors = { reflector: running };
    const args = { plan, coe: "kubernetes", access, reflectors };
    return new KubernetesPeering("kubernetes", args, options);
  });
  expect(named(found, "kubernetes-mesh").options.dependsOn).toEqual([
    "kubernetes-inspect",
    "kubernetes-peer-reflector",
    "kubernetes-sessions",
  ]);
  const { inputs, options } = named(found, "kubernetes-sessions");
  expect(options).toMatchObject({
    dependsOn: ["kubernetes-peer-reflector", "rr"],
    ignoreChanges: [],
  });
  expect(JSON.parse(String(inputs.stdin))).toEqual({
    reflectors: { reflector: { dockerHost: "unix:///docker", container: "seamless-reflector" } },
    nodes: {
      controller: "172.16.18.33",
      "worker-1": "172.16.18.34",
      "worker-2": "172.16.18.35",
      "worker-3": "172.16.18.36",
    },
  });
});

test("each object as the Kubernetes API keeps it", async () => {
  const found = await registered();
  const parts = ["pool", "policy", "peer-reflector", "bgp", "mesh"];
  expect(parts.map((part) => named(found, `kubernetes-${part}`).inputs)).toEqual([
    {
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
    },
    {
      apiVersion,
      kind: "GlobalNetworkPolicy",
      metadata: { name: "default.allow-all", annotations },
      spec: {
        egress: [{ action: "Allow" }],
        ingress: [{ action: "Allow" }],
        selector: "has(projectcalico.org/orchestrator)",
        tier: "default",
        types: ["Ingress", "Egress"],
      },
    },
    {
      apiVersion,
      kind: "BGPPeer",
      metadata: { name: "172-16-18-32", annotations },
      spec: { asNumber: 64511, peerIP: "172.16.18.32" },
    },
    {
      apiVersion,
      kind: "BGPConfiguration",
      metadata: { name: "default", annotations },
      spec: { asNumber: 64511 },
    },
    {
      apiVersion,
      kind: "BGPConfiguration",
      metadata: { name: "default", annotations },
      spec: { nodeToNodeMeshEnabled: false },
    },
  ]);
});

test("the provider keeps its cluster by name, whatever its address, and gets what is given", async () => {
  const { inputs } = named(await registered(), "kubernetes-cluster");
  expect(inputs).toMatchObject({
    clusterIdentifier: "seamless-kubernetes",
    context: "seamless",
    enableServerSideApply: "true",
  });
  expect(JSON.stringify(inputs)).toContain("apiVersion: v1");
  const bare = named(await registered({ access: {} }), "kubernetes-cluster");
  expect(Object.keys(bare.inputs).sort()).toEqual([
    "clusterIdentifier",
    "enableConfigMapMutable",
    "enableServerSideApply",
  ]);
});

test("only a policy is stored otherwise than calicoctl shows it", () => {
  const { peers, admission, pools, profile, configuration } = objects;
  for (const object of [...Object.values(pools), profile, configuration, ...Object.values(peers)]) {
    const metadata = { ...object.metadata, annotations };
    expect(storedObject(object)).toEqual({ ...object, apiVersion, metadata });
  }
  expect(storedObject(admission.policy).metadata.name).toBe("default.allow-all");
});

test("guarded and announcing, it has the objects for it, each below the component", async () => {
  const { dcos, kubernetes } = config.coes;
  const changes = {
    policy: "cross-coe",
    allowFrom: ["dcos"],
    natOutgoing: true,
    announceServices: true,
    loadBalancerCidr: "10.97.0.0/24",
  };
  const asked = makePlan(
    parseConfig({ ...config, coes: { dcos, kubernetes: { ...kubernetes, ...changes } } }),
  );
  const before = (await registered({ probe: { instances: 3 } })).map((one) => one.name);
  const after = (await registered({ plan: asked, probe: { instances: 3 } })).map((one) => one.name);
  expect(after.filter((name) => !before.includes(name))).toEqual([
    "kubernetes-range-dcos-192-168-128-0-17",
    "kubernetes-range-dcos-10-98-0-0-24",
    "kubernetes-range-load-balancers",
    "kubernetes-set-dcos",
    "kubernetes-set-kubernetes",
    "kubernetes-tier",
    "kubernetes-probe-service",
  ]);
});

test("its plan is an input of the component, so that a preview shows what changes", async () => {
  expect(named(await registered(), "kubernetes").inputs).toEqual({ coe: plan.coes.kubernetes });
});

test("the number of resources does not grow with the nodes", async () => {
  const { kubernetes } = config.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const nodes = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`worker-${i}`, { address: `172.16.18.${100 + i}` }]),
  );
  const large = makePlan({
    ...config,
    coes: { ...config.coes, kubernetes: { ...kubernetes, nodes } },
  });
  expect(await registered({ plan: large })).toHaveLength((await registered()).length);
});

test("of several ranges each has a pool of its own, and one that was there before is kept", async () => {
  const { kubernetes } = config.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const podCidr = ["192.168.0.0/18", "192.168.64.0/18"];
  const two = { ...kubernetes, podCidr, pool: { "192.168.64.0/18": "rack-2" } };
  const several = makePlan({ ...config, coes: { ...config.coes, kubernetes: two } });
  const found = await registered({ plan: several });
  const pools = found.filter(({ name }) => name.startsWith("kubernetes-pool"));
  expect(pools).toMatchObject([
    {
      name: "kubernetes-pool-192-168-0-0-18",
      inputs: { metadata: { name: "192-168-0-0-18" } },
      options: { retainOnDelete: false },
    },
    {
      name: "kubernetes-pool-192-168-64-0-18",
      inputs: { metadata: { name: "rack-2" } },
      options: { retainOnDelete: true },
    },
  ]);
});
