/** Whether joining a cluster changes what its inspection says and nothing else, and leaves it as it was. */
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { exec } from "../../util/exec";
import type { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";
import {
  applyAgent,
  defineCalico,
  inspectedKinds,
  kubernetesStack,
  must,
  root,
} from "../helpers/kube-stack";

const dist = join(root, "dist");
const api = new KubeApi();
let stack: TestStack;
const apiVersion = "crd.projectcalico.org/v1";

const configuration = () => ({
  network: { nodes: "192.0.2.0/24", asn: 64511 },
  reflectors: { reflector: { kind: "gobgp", address: "192.0.2.1" } },
  coes: {
    kubernetes: {
      kind: "kubernetes",
      podCidr: "10.244.0.0/16",
      pool: "default-ipv4-ippool",
      serviceCidr: "10.96.0.0/16",
      loadBalancerCidr: "10.97.0.0/24",
      policy: "open",
      policyOverrides: ["NetworkPolicy/default/quiet"],
      access: { kubeconfig: api.kubeconfigFile },
      nodes: { "worker-1": { address: "192.0.2.11" }, "worker-2": { address: "192.0.2.12" } },
    },
  },
});

const program = () => `import { KubernetesPeering } from "${dist}/components/kubernetes/peering";
import { makePlan, parseConfig } from "${dist}/components/kinds/planning";
const plan = makePlan(parseConfig(${JSON.stringify(configuration())}));
const access = { kubeconfig: ${JSON.stringify(api.kubeconfig)} };
new KubernetesPeering("kubernetes", { plan, coe: "kubernetes", access }, {});
`;

const pool = {
  cidr: "10.244.0.0/16",
  blockSize: 26,
  ipipMode: "CrossSubnet",
  natOutgoing: true,
  nodeSelector: "rack == '0'",
  assignmentMode: "Manual",
};
const other = { cidr: "10.50.0.0/24", allowedUses: ["LoadBalancer"], blockSize: 26 };
const bgp = {
  asNumber: 64600,
  logSeverityScreen: "Debug",
  // Filled in by the definition.
  serviceLoadBalancerAggregation: "Enabled",
  serviceLoadBalancerIPs: [{ cidr: "10.50.0.0/24" }],
  serviceClusterIPs: [{ cidr: "10.96.0.0/16" }],
};
/** What a cluster has that somebody set up with calicoctl and kubectl. */
const past = (poolSpec: object, bgpSpec: object) => [
  { apiVersion, kind: "IPPool", metadata: { name: "default-ipv4-ippool" }, spec: poolSpec },
  { apiVersion, kind: "IPPool", metadata: { name: "balancers" }, spec: other },
  { apiVersion, kind: "BGPConfiguration", metadata: { name: "default" }, spec: bgpSpec },
  {
    apiVersion,
    kind: "BGPPeer",
    metadata: { name: "rack" },
    spec: { asNumber: 65001, peerIP: "192.0.2.254", nodeSelector: "rack == '0'" },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "quiet", namespace: "default" },
    spec: { podSelector: {} },
  },
];

const item = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().default("") }),
});

/** All that the cluster keeps of the kinds that joining is about, but for what servers count by themselves. */
async function objects(): Promise<Record<string, unknown>> {
  const kinds = [
    ...["ippools", "bgpconfigurations", "bgppeers", "globalnetworkpolicies", "globalnetworksets"],
    ...["tiers", "hostendpoints", "felixconfigurations", "networkpolicies.crd.projectcalico.org"],
    ...["networkpolicies.networking.k8s.io", "namespaces", "configmaps", "secrets", "services"],
    ...["daemonsets", "deployments", "nodes", "customresourcedefinitions", "serviceaccounts"],
  ];
  const { stdout } = await api.kubectl("get", kinds.join(","), "--all-namespaces", "-o", "json");
  const { items } = z.object({ items: z.array(item) }).parse(JSON.parse(stdout));
  return Object.fromEntries(
    items.map((one) => {
      const {
        resourceVersion: _counted,
        generation: _too,
        managedFields: _who,
        ...metadata
      } = one.metadata;
      const { namespace, name } = metadata;
      return [
        `${one.kind}/${namespace}${namespace === "" ? "" : "/"}${name}`,
        { ...one, metadata },
      ];
    }),
  );
}

/** Pulumi marks what it applies in place of somebody else, as long as it does. */
const mark = '"annotations":{"pulumi.com/patchForce":"true"},';

/** Names of objects that are not as they were, but for that mark. */
function changedBesideMark(before: Record<string, unknown>, after: Record<string, unknown>) {
  const text = (value: unknown) => JSON.stringify(value).replace(mark, "");
  return Object.keys(before)
    .filter((name) => text(before[name]) !== text(after[name] ?? ""))
    .sort();
}

/** Names of objects that are not as they were. */
function changed(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return Object.keys(before)
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .sort();
}

const specOf = async (kind: string, name: string): Promise<unknown> =>
  JSON.parse((await api.kubectl("get", kind, name, "-o", "json")).stdout).spec;

const found = z.object({
  findings: z.array(z.object({ level: z.string(), id: z.string(), found: z.string() })),
});

async function inspected() {
  const named = Object.entries(configuration()).map(([key, value]) => [`seamless:${key}`, value]);
  const file = api.file("stack.yaml", stringify({ config: Object.fromEntries(named) }));
  const seamless = join(root, "bin", "seamless");
  const { stdout, stderr } = await exec([seamless, "inspect", "--config", file, "--json"], {
    cwd: root,
  });
  if (stderr !== "") throw new Error(stderr);
  return found.parse(JSON.parse(stdout)).findings;
}
const lines = async (level: string) =>
  (await inspected())
    .filter((one) => one.level === level)
    .map(({ id, found: text }) => `${id}: ${text}`);

async function create(documents: readonly object[]): Promise<void> {
  const file = api.file("past.yaml", documents.map((one) => stringify(one)).join("---\n"));
  await must(api, "create", "--field-manager=calicoctl", "--filename", file);
}

beforeAll(async () => {
  await api.up();
  await defineCalico(api, inspectedKinds);
  await applyAgent(api, "bird");
  stack = await kubernetesStack();
  stack.write("index.ts", program());
}, 120_000);

afterAll(async () => {
  stack?.remove();
  await api.down();
});

afterEach(async () => {
  await must(api, "delete", "ippools,bgpconfigurations,bgppeers", "--all");
  await must(api, "delete", "networkpolicies.networking.k8s.io", "--all");
});

test("joining changes what inspection says it changes, and destroying gives it back", async () => {
  await create(past(pool, bgp));
  expect(await lines("blocks")).toEqual([]);
  expect(await lines("changes")).toEqual([
    "pool/default-ipv4-ippool/spec: ipipMode CrossSubnet -> Never, natOutgoing true -> false, set by calicoctl",
    "bgp/as: AS 64600, set by calicoctl; the plan says 64511",
    "bgp/mesh: the node-to-node mesh is on, set by calicoctl; the plan has it off",
    "bgp/serviceLoadBalancerIPs: 10.50.0.0/24, set by calicoctl; the plan adds 10.97.0.0/24",
    "policy/overrides: policy open in the plan, and 1 NetworkPolicy (default/quiet), as policyOverrides says",
  ]);
  expect((await lines("notes")).filter((line) => !line.startsWith("node/"))).toEqual([
    "pool/balancers: 10.50.0.0/24 for LoadBalancer with 0 blocks in use; it is not in the plan",
    "pool/default-ipv4-ippool/kept: assignmentMode Manual, nodeSelector rack == '0'; it stays",
    "bgp/serviceClusterIPs/kept: 10.96.0.0/16, not in the plan",
    "bgp/serviceLoadBalancerIPs/kept: 10.50.0.0/24, not in the plan",
    "peer/rack: 192.0.2.254 in AS 65001 (nodeSelector rack == '0'), which is not in the plan",
  ]);
  const before = await objects();

  await stack.must("up", "--yes", "--skip-preview");
  expect(changed(before, await objects())).toEqual([
    "BGPConfiguration/default",
    "IPPool/default-ipv4-ippool",
  ]);
  expect(await specOf("ippools", "default-ipv4-ippool")).toEqual({
    ...pool,
    ipipMode: "Never",
    natOutgoing: false,
    vxlanMode: "Never",
  });
  expect(await specOf("bgpconfigurations", "default")).toEqual({
    ...bgp,
    asNumber: 64511,
    nodeToNodeMeshEnabled: false,
    serviceLoadBalancerIPs: [{ cidr: "10.50.0.0/24" }, { cidr: "10.97.0.0/24" }],
  });
  expect(await lines("changes")).toEqual([]);
  await stack.must("preview", "--expect-no-changes");

  await stack.must("destroy", "--yes", "--skip-preview");
  const after = await objects();
  expect(await specOf("ippools", "default-ipv4-ippool")).toEqual(pool);
  expect(await specOf("bgpconfigurations", "default")).toEqual(bgp);
  expect(changed(before, after)).toEqual([]);
  expect(Object.keys(after)).toEqual(Object.keys(before));
}, 240_000);

test("0 in the way and 0 changed: nothing is changed then, but the stack's own new objects", async () => {
  const planned = { ...pool, ipipMode: "Never", vxlanMode: "Never", natOutgoing: false };
  const fitting = {
    ...bgp,
    asNumber: 64511,
    nodeToNodeMeshEnabled: false,
    serviceLoadBalancerIPs: [{ cidr: "10.97.0.0/24" }],
  };
  await create(past(planned, fitting).filter(({ kind }) => kind !== "NetworkPolicy"));
  expect(await lines("blocks")).toEqual([]);
  expect(await lines("changes")).toEqual([]);
  const before = await objects();
  await stack.must("up", "--yes", "--skip-preview");
  const joined = await objects();
  expect(changedBesideMark(before, joined)).toEqual([]);
  expect(Object.keys(joined).filter((name) => !(name in before))).toEqual([
    "IPPool/10-97-0-0-24",
    "BGPPeer/192-0-2-1",
    "GlobalNetworkPolicy/default.allow-all",
  ]);
  await stack.must("destroy", "--yes", "--skip-preview");
  const after = await objects();
  expect(changed(before, after)).toEqual([]);
  expect(Object.keys(after)).toEqual(Object.keys(before));
}, 240_000);
