/** What an inspection says of a cluster whose nodes, pods and policies are in a real API. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { parseStackConfig } from "../../components/kinds/planning";
import { exec } from "../../util/exec";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, defineCalico, inspectedKinds, must, root } from "../helpers/kube-stack";

const api = new KubeApi();
const apiVersion = "crd.projectcalico.org/v1";
const node = (name: string, ip: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name,
    labels: { "kubernetes.io/os": "linux" },
    annotations: { "projectcalico.org/IPv4Address": ip, ...more },
  },
  spec: {},
});
const pod = (name: string, on: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "kube-system", labels: { "k8s-app": "calico-node" } },
  spec: {
    nodeName: on,
    hostNetwork: true,
    serviceAccountName: "calico-node",
    automountServiceAccountToken: false,
    containers: [{ name: "calico-node", image: "calico/node:v3.31.0" }],
    tolerations: [{ operator: "Exists" }],
  },
});
beforeAll(() => api.up(), 120_000);
afterAll(() => api.down(), 30_000);

test("each node, policy and object of a cluster with a past, as it is stored", async () => {
  await defineCalico(api, [...inspectedKinds, "kubecontrollersconfigurations"]);
  await applyAgent(api, "bird");
  const names = ["control-1", "worker-1", "worker-2", "worker-3"];
  const docs = [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "calico-node", namespace: "kube-system" },
    },
    ...names.map((n, i) => node(n, `10.1.0.1${i}/24`)),
    ...names.map((n, i) => pod(`calico-node-${i}`, n)),
    {
      apiVersion,
      kind: "IPPool",
      metadata: { name: "default-ipv4-ippool" },
      spec: {
        cidr: "10.244.0.0/16",
        blockSize: 26,
        ipipMode: "CrossSubnet",
        natOutgoing: true,
        nodeSelector: "!has(node-role.kubernetes.io/control-plane)",
      },
    },
    {
      apiVersion,
      kind: "BGPConfiguration",
      metadata: { name: "default" },
      spec: { asNumber: 64512, serviceLoadBalancerIPs: [{ cidr: "10.50.0.0/24" }] },
    },
    {
      apiVersion,
      kind: "BGPPeer",
      metadata: { name: "rack-1" },
      spec: { asNumber: 64600, peerIP: "10.1.0.254" },
    },
    {
      apiVersion,
      kind: "GlobalNetworkPolicy",
      metadata: { name: "default.quarantine" },
      spec: {
        tier: "default",
        order: 10,
        selector: "state == 'lost'",
        ingress: [{ action: "Deny", source: { nets: ["10.9.0.0/16"] } }],
      },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "deny-all", namespace: "default" },
      spec: { podSelector: {} },
    },
    {
      apiVersion,
      kind: "IPAMBlock",
      metadata: { name: "10-244-7-0-26" },
      spec: {
        cidr: "10.244.7.0/26",
        affinity: "host:worker-1",
        allocations: [],
        attributes: [],
        unallocated: [],
        strictAffinity: false,
      },
    },
  ];
  const file = api.file("docs.yaml", docs.map((one) => stringify(one)).join("---\n"));
  await must(api, "create", "--field-manager=calicoctl", "--filename", file);
  for (const n of names)
    await must(
      api,
      "patch",
      "node",
      n,
      "--subresource=status",
      "--type=merge",
      "-p",
      JSON.stringify({ status: { conditions: [{ type: "Ready", status: "True" }] } }),
    );
  for (const [i] of names.entries())
    await must(
      api,
      "patch",
      "pod",
      `calico-node-${i}`,
      "-n",
      "kube-system",
      "--subresource=status",
      "--type=merge",
      "-p",
      JSON.stringify({ status: { conditions: [{ type: "Ready", status: "True" }] } }),
    );
  const config = {
    network: { nodes: "10.1.0.0/24", asn: 64511 },
    reflectors: { reflector: { kind: "gobgp", address: "10.1.0.1" } },
    coes: {
      kubernetes: {
        kind: "kubernetes",
        podCidr: "10.244.0.0/16",
        policy: "open",
        serviceCidr: "10.96.0.0/16",
        access: { kubeconfig: api.kubeconfigFile },
        nodes: Object.fromEntries(
          names.slice(0, 3).map((n, i) => [n, { address: `10.1.0.1${i}` }]),
        ),
      },
    },
  };
  const stack = api.file(
    "stack.yaml",
    stringify({
      config: Object.fromEntries(Object.entries(config).map(([k, v]) => [`seamless:${k}`, v])),
    }),
  );
  const { stdout, stderr } = await exec(
    [join(root, "bin", "seamless"), "inspect", "--config", stack],
    { cwd: root },
  );
  expect(stderr).toBe("");
  expect(stdout.split("\n").filter((line) => /^[a-z0-9]/.test(line))).toEqual([
    "kubernetes: 4 nodes, Calico v3.31.0 with bird, projectcalico.org/v3 not served, 1 pools, 1 blocks in use",
    "traffic control-1, worker-1, worker-2: mesh, IPIP CrossSubnet -> reflector, no tunnel",
    "traffic worker-3: mesh, IPIP CrossSubnet -> other peers only: it is not in the plan",
    "blocks  pool/default-ipv4-ippool: 10.244.0.0/16 under this name; the plan's pool is 10-244-0-0-16",
    "blocks  node/worker-3: 10.1.0.13; it is not in the plan",
    "blocks  policy: policy open in the plan, and 1 NetworkPolicy (default/deny-all); 1 GlobalNetworkPolicy at order 10 (default.quarantine), as far as no rule denies",
    "changes pool/default-ipv4-ippool/spec: ipipMode CrossSubnet -> Never, natOutgoing true -> false, set by calicoctl",
    "changes bgp/as: AS 64512, set by calicoctl; the plan says 64511",
    "changes bgp/mesh: the node-to-node mesh is on, set by calicoctl; the plan has it off",
    "notes   bgp/serviceLoadBalancerIPs/kept: 10.50.0.0/24, not in the plan",
    "notes   peer/rack-1: 10.1.0.254 in AS 64600, which is not in the plan",
    "3 in the way, 3 changed by joining, 2 to know",
  ]);
}, 120_000);

test("adopt writes a file of the same cluster, which the inspection has nothing new against", async () => {
  const file = join(api.file("empty", ""), "..", "adopted.yaml");
  const seamless = (...args: string[]) =>
    exec([join(root, "bin", "seamless"), ...args], { cwd: root });
  const { code, stdout, stderr } = await seamless(
    ...["adopt", `shop=kubernetes:kubeconfig=${api.kubeconfigFile}`, "--output", file],
  );
  expect(stderr).toBe("");
  // Without what to do, which the inspection says, too.
  expect(stdout.split("\n").map((line) => line.replace(/; to do: .*/, ""))).toEqual([
    "blocks  shop: policy: policy open in the plan, and 1 NetworkPolicy (default/deny-all); 1 GlobalNetworkPolicy at order 10 (default.quarantine), as far as no rule denies",
    "changes shop: bgp/mesh: the node-to-node mesh is on, set by calicoctl; the plan has it off",
    "notes   shop: pool/default-ipv4-ippool/kept: nodeSelector !has(node-role.kubernetes.io/control-plane); it stays",
    "notes   shop: peer/rack-1: 10.1.0.254 in AS 64600, which is not in the plan",
    "",
  ]);
  expect(code).toBe(1);
  const adopted = parseStackConfig(readFileSync(file, "utf8"), file);
  expect(adopted.network).toMatchObject({ nodes: "10.1.0.0/24", asn: 64512 });
  expect(adopted.reflectors).toEqual({ reflector: { kind: "gobgp", address: "10.1.0.253" } });
  expect(adopted.coes.shop).toMatchObject({
    podCidr: "10.244.0.0/16",
    pool: "default-ipv4-ippool",
    serviceCidr: "10.96.0.0/16",
    loadBalancerCidr: "10.50.0.0/24",
    loadBalancerPool: false,
    natOutgoing: true,
    ipipMode: "CrossSubnet",
    nodes: {
      "control-1": { address: "10.1.0.10", role: "worker" },
      "worker-1": { address: "10.1.0.11", role: "worker" },
      "worker-2": { address: "10.1.0.12", role: "worker" },
      "worker-3": { address: "10.1.0.13", role: "worker" },
    },
  });
  const again = await seamless("inspect", "--config", file, "--json");
  const { findings }: { findings: { level: string; id: string }[] } = JSON.parse(again.stdout);
  expect(findings.filter(({ level }) => level === "blocks").map(({ id }) => id)).toEqual([
    "policy",
  ]);
  const twice = await seamless(
    ...["adopt", `shop=kubernetes:kubeconfig=${api.kubeconfigFile}`, "--output", file],
  );
  expect([twice.code, twice.stderr]).toEqual([
    2,
    `seamless: --output ${file}: is there already; give another name\n`,
  ]);
}, 120_000);
