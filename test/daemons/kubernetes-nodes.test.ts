import { join } from "node:path";
import { stringify } from "yaml";
import { exec } from "../../util/exec";
import type { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, defineCalico, kubernetesStack, must, root } from "../helpers/kube-stack";

const dist = join(root, "dist");
const api = new KubeApi();
let stack: TestStack;

/** The stack's program: a plan from the stack's own configuration, and what joins the cluster to it. */
const program = `import * as pulumi from "@pulumi/pulumi";
import { kubernetes } from "${dist}/components/kubernetes/deploy";
import { stackConfig } from "${dist}/components/settings";
import { makePlan } from "${dist}/components/kinds/planning";
const config = stackConfig(new pulumi.Config("seamless"));
const { access } = config.coes.kubernetes;
export const plan = makePlan(config);
kubernetes.make("kubernetes", { plan, coe: "kubernetes", access: kubernetes.external(access) }, {});
`;

const config = (kubeconfig: string) => ({
  config: {
    "seamless:network": { supernet: "10.64.0.0/10", nodes: "172.16.0.0/16", asn: 64511 },
    "seamless:reflectors": { rr: { kind: "gobgp", address: "172.16.255.1" } },
    "seamless:coes": {
      kubernetes: {
        kind: "kubernetes",
        podCidr: "10.64.0.0/12",
        serviceCidr: "10.96.0.0/16",
        policy: "open",
        access: { kubeconfig },
        nodes: "fromCluster",
      },
    },
  },
});

const address = (index: number) => `172.16.${Math.floor(index / 250)}.${1 + (index % 250)}`;

/** Makes node objects; their addresses are what calico-node writes at a node once it runs there. */
async function addNodes(first: number, last: number): Promise<void> {
  const nodes = Array.from({ length: last - first + 1 }, (_, offset) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: `worker-${first + offset}.example.net`,
      annotations: { "projectcalico.org/IPv4Address": `${address(first + offset)}/16` },
    },
  }));
  const file = api.file("nodes.yaml", nodes.map((node) => stringify(node)).join("---\n"));
  await must(api, "apply", "--server-side", "--filename", file);
}

const seamless = (...args: readonly string[]) =>
  exec([join(root, "bin", "seamless"), ...args], { cwd: root });

async function previewed(...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await stack.pulumi("preview", ...flags);
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout;
}

/** How many resources a preview would create. */
async function created(): Promise<number> {
  return Number(/\+ (\d+) to create/.exec(await previewed())?.[1]);
}

beforeAll(async () => {
  await api.up();
  await defineCalico(api);
  await applyAgent(api, "bird");
  await addNodes(1, 3);
  stack = await kubernetesStack();
  stack.write("index.ts", program);
  const salt = /encryptionsalt: .*/.exec(stack.read("Pulumi.test.yaml"))?.[0] ?? "";
  stack.write("Pulumi.test.yaml", `${salt}\n${stringify(config(api.kubeconfigFile))}`);
}, 120_000);

afterAll(async () => {
  stack?.remove();
  await api.down();
});

test("the plan is made of the cluster's nodes, without Pulumi too", async () => {
  const file = join(stack.folder, "Pulumi.test.yaml");
  const { stdout, stderr, code } = await seamless("plan", "--config", file, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout).coes[0].nodes).toEqual(
    [1, 2, 3].map((index) => ({
      name: `worker-${index}.example.net`,
      address: address(index),
      role: "worker",
      asn: 64511,
      speaker: true,
    })),
  );
});

test("a node that comes is a change of the plan, seen in a preview; 300 need no more resources than 3", async () => {
  const few = await created();
  expect(few).toBe(10);
  const up = await stack.pulumi("up", "--yes", "--skip-preview");
  expect([up.code, up.stderr]).toEqual([0, ""]);
  await previewed("--expect-no-changes");

  await addNodes(4, 4);
  const diff = await previewed("--diff");
  expect(diff).toContain(`+ address: "${address(4)}"`);
  expect(diff).toContain("worker-4.example.net");

  const destroyed = await stack.pulumi("destroy", "--yes", "--skip-preview");
  expect(destroyed.code).toBe(0);
  await addNodes(5, 300);
  expect(await created()).toBe(few);
}, 180_000);

test("a cluster that does not answer is named, and nothing is changed", async () => {
  await api.stopServer();
  const preview = await stack.pulumi("preview");
  expect(preview.code).not.toBe(0);
  expect(preview.stdout).toMatch(
    /coes\.kubernetes\.nodes: fromCluster: kubectl get nodes -o json: https:\/\/127\.0\.0\.1:\d+ \(context test, user test\): .*refused.*nobody answers there; check the address, and that the API server runs/,
  );
  const file = join(stack.folder, "Pulumi.test.yaml");
  expect((await seamless("plan", "--config", file)).code).toBe(3);
});
