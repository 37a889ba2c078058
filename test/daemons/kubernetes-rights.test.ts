import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { exec } from "../../util/exec";
import type { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, defineCalico, kubernetesStack, must, root } from "../helpers/kube-stack";

/** The rights that docs/kubernetes.md names are enough: nothing else may what the account of these tests may. */
const api = new KubeApi();
let stack: TestStack;
let kubeconfig = "";

const [rights = ""] =
  /## What rights it needs.*?^```yaml\n(.*?)^```$/ms
    .exec(readFileSync(join(root, "docs", "kubernetes.md"), "utf8"))
    ?.slice(1) ?? [];

const program =
  () => `import { KubernetesPeering } from "${root}/dist/components/kubernetes/peering";
import { makePlan, readStackConfig } from "${root}/dist/components/kinds/planning";
const plan = makePlan(readStackConfig("${root}/Pulumi.lab.yaml"));
const access = { kubeconfig: ${JSON.stringify(kubeconfig)} };
new KubernetesPeering("kubernetes", { plan, coe: "kubernetes", access }, {});
`;

beforeAll(async () => {
  await api.up();
  await defineCalico(api, [
    ...["bgpconfigurations", "bgppeers", "ippools", "globalnetworkpolicies", "globalnetworksets"],
    ...["tiers", "ipamblocks", "networkpolicies", "hostendpoints", "felixconfigurations"],
  ]);
  await applyAgent(api, "bird");
  await must(api, "create", "serviceaccount", "seamless", "--namespace=kube-system");
  await must(api, "apply", "--filename", api.file("rights.yaml", rights));
  const token = await api.kubectl("create", "token", "seamless", "--namespace=kube-system");
  const { clusters, contexts } = parse(api.kubeconfig);
  kubeconfig = stringify({
    ...parse(api.kubeconfig),
    clusters,
    contexts,
    users: [{ name: "test", user: { token: token.stdout.trim() } }],
  });
  stack = await kubernetesStack();
  stack.write("index.ts", program());
}, 120_000);

afterAll(async () => {
  stack?.remove();
  await api.down();
}, 30_000);

test("the account may not do what is not named", async () => {
  const file = api.file("account", kubeconfig);
  const may = await api.kubectl(`--kubeconfig=${file}`, "auth", "can-i", "get", "secrets");
  expect(may.stdout.trim()).toBe("no");
}, 30_000);

test("inspection reads all that it wants to know", async () => {
  const file = api.file("account", kubeconfig);
  const argv = [join(root, "bin", "seamless"), "inspect", "--coe", "kubernetes"];
  const { code, stderr } = await exec([...argv, "--kubeconfig", file], { cwd: root });
  expect(stderr).toBe("");
  expect([0, 1]).toContain(code);
}, 60_000);

test("the cluster is joined, and left again", async () => {
  for (const command of ["up", "destroy"]) {
    const { code, stdout, stderr } = await stack.pulumi(command, "--yes", "--skip-preview");
    if (code !== 0) throw new Error(`${stdout}${stderr}`);
  }
}, 120_000);
