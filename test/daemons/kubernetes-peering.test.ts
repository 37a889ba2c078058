import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import { calicoAsset } from "../../lab/images/calico-files";
import { pluginVersions } from "../../toolchain/catalogue";
import { pulumiHome } from "../../toolchain/home";
import { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";

const dist = resolve(__dirname, "..", "..", "dist");
const lab = resolve(__dirname, "..", "..", "Pulumi.lab.yaml");
const api = new KubeApi();
let stack: TestStack;

const program = () => `import { KubernetesPeering } from "${dist}/components/kubernetes/peering";
import { readStackConfig } from "${dist}/config";
import { makePlan } from "${dist}/plan";
const plan = makePlan(readStackConfig("${lab}"));
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

async function must(...args: string[]): Promise<void> {
  const { code, stderr } = await api.kubectl(...args);
  if (code !== 0) throw new Error(stderr);
}

beforeAll(async () => {
  await api.up();
  const kinds = ["bgpconfigurations", "bgppeers", "ippools", "globalnetworkpolicies"];
  const files = kinds.map((kind) =>
    calicoAsset(`libcalico-go/config/crd/crd.projectcalico.org_${kind}.yaml`),
  );
  for (const file of files) await must("apply", "--server-side", "--filename", file);
  await must("wait", "--for=condition=Established", "--timeout=15s", "crd", "--all");
  stack = await TestStack.make([]);
  const plugin = `plugins/resource-kubernetes-v${pluginVersions.kubernetes}/pulumi-resource-kubernetes`;
  const place = join(stack.folder, ".home", plugin);
  // Pulumi sees no folders that are links.
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(pulumiHome(), plugin), place);
  stack.write("index.ts", program());
}, 120_000);

afterAll(async () => {
  stack?.remove();
  await api.down();
}, 30_000);

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
  await must("delete", "bgpconfigurations", "--all");
  const file = api.file("past.yaml", past.map((object) => stringify(object)).join("---\n"));
  await must("create", "--field-manager=calicoctl", "--filename", file);

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
  const left = await specOf("bgpconfigurations", "default");
  expect(left).toMatchObject({ logSeverityScreen: "Debug" });
  expect(left).not.toHaveProperty("nodeToNodeMeshEnabled");
  expect(left).not.toHaveProperty("asNumber");
}, 180_000);
