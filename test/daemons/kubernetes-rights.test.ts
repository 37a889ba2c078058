import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
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

/** The rights that docs/kubernetes.md names are enough: nothing else may what the account of these tests may. */
const api = new KubeApi();
let stack: TestStack;
let kubeconfig = "";

const [rights = "", rightsToPasswords = ""] =
  /## What rights it needs.*?^```yaml\n(.*?)^```$.*?^```yaml\n(.*?)^```$/ms
    .exec(readFileSync(join(root, "docs", "kubernetes.md"), "utf8"))
    ?.slice(1) ?? [];

/** @param password of the sessions; none where it is left out */
const program = (password?: string) => `import { secret } from "@pulumi/pulumi";
import { KubernetesPeering } from "${root}/dist/components/kubernetes/peering";
import { makePlan, readStackConfig } from "${root}/dist/components/kinds/planning";
const bgpPasswords = ${password === undefined ? "[]" : '["kubernetes"]'};
const plan = makePlan({ ...readStackConfig("${root}/Pulumi.lab.yaml"), bgpPasswords });
const access = { kubeconfig: ${JSON.stringify(kubeconfig)} };
const passwords = secret({ kubernetes: "${password}" });
new KubernetesPeering("kubernetes", { plan, coe: "kubernetes", access, bgpPasswords: passwords }, {});
`;

beforeAll(async () => {
  await api.up();
  await defineCalico(api, inspectedKinds);
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
});

test("the account may not do what is not named", async () => {
  const file = api.file("account", kubeconfig);
  const may = await api.kubectl(`--kubeconfig=${file}`, "auth", "can-i", "get", "secrets");
  expect(may.stdout.trim()).toBe("no");
});

test("inspection reads all that it wants to know", async () => {
  const file = api.file("account", kubeconfig);
  const argv = [join(root, "bin", "seamless"), "inspect", "--coe", "kubernetes"];
  const { code, stderr } = await exec([...argv, "--kubeconfig", file], { cwd: root });
  expect(stderr).toBe("");
  expect([0, 1]).toContain(code);
});

/** Runs pulumi. @returns what it printed @throws Error with that when it fails */
async function pulumi(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await stack.pulumi(...args);
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

test("the cluster is joined, and left again", async () => {
  for (const command of ["up", "destroy"]) await pulumi(command, "--yes", "--skip-preview");
}, 120_000);

/** What the Secret holds, and since when it is there. */
async function stored(): Promise<{ readonly password: string; readonly uid: string }> {
  const format = "jsonpath={.data.kubernetes} {.metadata.uid}";
  const secret = ["secret", "seamless-bgp", "--namespace=kube-system"];
  const { stdout } = await api.kubectl("get", ...secret, "-o", format);
  const [data = "", uid = ""] = stdout.split(" ");
  return { password: Buffer.from(data, "base64").toString(), uid };
}

test("with passwords, too, which are in a Secret alone; a new one keeps the Secret", async () => {
  await must(api, "apply", "--filename", api.file("passwords.yaml", rightsToPasswords));
  const seen = async (said: string, password: string) => {
    for (const text of [said, stack.rawState()]) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(Buffer.from(password).toString("base64"));
    }
  };
  stack.write("index.ts", program("hunter2-first"));
  await seen(await pulumi("up", "--yes", "--diff"), "hunter2-first");
  const first = await stored();
  expect(first.password).toBe("hunter2-first");
  stack.write("index.ts", program("hunter2-second"));
  const preview = await pulumi("preview", "--diff");
  expect(preview).toMatch(/~ kubernetes:core\/v1:Secret: \(update\)/);
  expect(preview).toMatch(/1 to update/);
  await seen(preview, "hunter2-second");
  await seen(await pulumi("up", "--yes", "--diff"), "hunter2-second");
  expect(await stored()).toEqual({ password: "hunter2-second", uid: first.uid });
  const may = ["auth", "can-i", "--as=system:serviceaccount:kube-system:calico-node"];
  const of = async (...what: string[]) => (await api.kubectl(...may, ...what)).stdout.trim();
  const here = "--namespace=kube-system";
  expect(await of("watch", "secrets/seamless-bgp", here)).toBe("yes");
  expect(await of("get", "secrets/another", here)).toBe("no");
  await pulumi("destroy", "--yes", "--skip-preview");
  expect((await stored()).uid).toBe("");
}, 240_000);
