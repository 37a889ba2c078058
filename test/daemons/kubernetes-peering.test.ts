import { join } from "node:path";
import { stringify } from "yaml";
import { exec } from "../../util/exec";
import type { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, defineCalico, kubernetesStack, must, root } from "../helpers/kube-stack";

const dist = join(root, "dist");
const lab = join(root, "Pulumi.lab.yaml");
const api = new KubeApi();
let stack: TestStack;

/** The lab's stack, with the pool of the plan's name adopted where it was there before. */
const program = (
  adopts: boolean,
) => `import { KubernetesPeering } from "${dist}/components/kubernetes/peering";
import { makePlan, parseConfig, readStackConfig } from "${dist}/components/kinds/planning";
const lab = readStackConfig("${lab}");
const kubernetes = { ...lab.coes.kubernetes, ...${JSON.stringify(adopts ? { pool: "192-168-0-0-17" } : {})} };
const plan = makePlan(parseConfig({ ...lab, coes: { ...lab.coes, kubernetes } }));
const access = { kubeconfig: ${JSON.stringify(api.kubeconfig)} };
new KubernetesPeering("kubernetes", { plan, coe: "kubernetes", access }, {});
`;

const apiVersion = "crd.projectcalico.org/v1";
const tunnelled = {
  blockSize: 26,
  ipipMode: "Always",
  natOutgoing: true,
  nodeSelector: "all()",
  vxlanMode: "Never",
};
/** A cluster with a past: a mesh in another AS, tunnels and NAT, set with calicoctl. */
const past = [
  {
    apiVersion,
    kind: "BGPConfiguration",
    metadata: { name: "default" },
    spec: { asNumber: 64512, nodeToNodeMeshEnabled: true, logSeverityScreen: "Debug" },
  },
  {
    apiVersion,
    kind: "IPPool",
    metadata: { name: "192-168-0-0-17" },
    spec: { ...tunnelled, cidr: "192.168.0.0/17" },
  },
  {
    apiVersion,
    kind: "IPPool",
    metadata: { name: "default-ipv4-ippool" },
    spec: { ...tunnelled, cidr: "10.244.0.0/16" },
  },
];

const specOf = async (kind: string, name: string): Promise<unknown> =>
  JSON.parse((await api.kubectl("get", kind, name, "-o", "json")).stdout).spec;

/** Runs pulumi. @throws Error with what it printed when it fails */
async function pulumi(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await stack.pulumi(...args);
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
}

beforeAll(async () => {
  await api.up();
  await defineCalico(api);
  stack = await kubernetesStack();
  stack.write("index.ts", program(false));
}, 120_000);

afterAll(async () => {
  stack?.remove();
  await api.down();
});

const seamless = (...args: readonly string[]) =>
  exec([join(root, "bin", "seamless"), ...args], { cwd: root });
const inspected = () => seamless("inspect", "--kubeconfig", api.kubeconfigFile);

test("refuses a cluster without Calico, or without BIRD, and changes nothing", async () => {
  const none = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(none.code).not.toBe(0);
  expect(none.stdout).toContain("kubernetes cannot be joined as it is; nothing was changed");
  expect((await inspected()).stdout).toContain("blocks  calico: no Calico");
  await applyAgent(api, "vxlan");
  expect((await inspected()).stdout).toContain(
    "blocks  calico/backend: the backend is vxlan (CALICO_NETWORKING_BACKEND); the plan needs bird",
  );
  expect((await api.kubectl("get", "ippools,bgppeers", "-o", "name")).stdout).toBe("");
  await applyAgent(api, "bird");
  expect((await inspected()).code).toBe(0);
}, 180_000);

test("sets up a new cluster, and has nothing to do the second time", async () => {
  await pulumi("up", "--yes", "--skip-preview");
  expect(await specOf("bgpconfigurations", "default")).toMatchObject({
    asNumber: 64511,
    nodeToNodeMeshEnabled: false,
  });
  expect(await specOf("bgppeers", "172-16-18-32")).toEqual({
    asNumber: 64511,
    peerIP: "172.16.18.32",
  });
  expect(await specOf("globalnetworkpolicies", "default.allow-all")).toMatchObject({
    tier: "default",
    ingress: [{ action: "Allow" }],
  });
  await pulumi("preview", "--expect-no-changes");
  await pulumi("destroy", "--yes", "--skip-preview");
  expect((await api.kubectl("get", "ippools,bgppeers", "-o", "name")).stdout).toBe("");
}, 180_000);

test("takes over a cluster with a past, and leaves it what is not ours", async () => {
  await must(api, "delete", "bgpconfigurations", "--all");
  const file = api.file("past.yaml", past.map((object) => stringify(object)).join("---\n"));
  await must(api, "create", "--field-manager=calicoctl", "--filename", file);

  const { stdout, code } = await inspected();
  expect(code).toBe(1);
  expect(stdout.split("\n").filter((line) => /^[a-z]/.test(line))).toEqual([
    "kubernetes: 0 nodes, Calico v3.31.0 with bird, projectcalico.org/v3 not served, 2 pools, 0 blocks in use",
    "blocks  pool/192-168-0-0-17: 192.168.0.0/17 was there before the plan",
    "changes pool/192-168-0-0-17/spec: ipipMode Always -> Never, natOutgoing true -> false, set by calicoctl",
    "changes bgp/as: AS 64512, set by calicoctl; the plan says 64511",
    "changes bgp/mesh: the node-to-node mesh is on, set by calicoctl; the plan has it off",
    "notes   pool/default-ipv4-ippool: 10.244.0.0/16 with 0 blocks in use; it is not in the plan",
    ...["controller", "worker-1", "worker-2", "worker-3"].map(
      (name, index) =>
        `notes   node/${name}: the cluster has no such node yet; the plan has it at 172.16.18.${33 + index}`,
    ),
  ]);
  stack.write("index.ts", program(true));
  await pulumi("up", "--yes", "--skip-preview");
  expect(await specOf("bgpconfigurations", "default")).toMatchObject({
    asNumber: 64511,
    nodeToNodeMeshEnabled: false,
    logSeverityScreen: "Debug",
  });
  expect(await specOf("ippools", "192-168-0-0-17")).toMatchObject({
    cidr: "192.168.0.0/17",
    ipipMode: "Never",
    natOutgoing: false,
  });
  expect(await specOf("ippools", "default-ipv4-ippool")).toMatchObject({
    cidr: "10.244.0.0/16",
    ...tunnelled,
  });
  await pulumi("preview", "--expect-no-changes");

  await pulumi("destroy", "--yes", "--skip-preview");
  expect(await specOf("bgpconfigurations", "default")).toMatchObject({
    asNumber: 64512,
    nodeToNodeMeshEnabled: true,
    logSeverityScreen: "Debug",
  });
  expect(await specOf("ippools", "192-168-0-0-17")).toMatchObject(tunnelled);
}, 180_000);
