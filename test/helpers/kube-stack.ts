import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import { calicoAsset } from "../../components/speakers/calico/lab/files";
import { pluginVersions } from "../../toolchain/catalogue";
import { ensureHome, pulumiHome } from "../../toolchain/home";
import { TestStack } from "./engine";
import type { KubeApi } from "./kube-api";

export const root = resolve(__dirname, "..", "..");

/**
 * A stack whose programs make objects of Kubernetes, and run steps of the command line.
 * @param more provider plugins that its programs need beside these
 */
export async function kubernetesStack(more: readonly string[] = []): Promise<TestStack> {
  const missing = await ensureHome();
  if (missing.length > 0)
    throw new Error(`not built yet: ${missing.join(", ")}; run: make toolchain`);
  const stack = await TestStack.make(["command", ...more]);
  symlinkSync(join(root, "bin"), join(stack.folder, "bin"));
  const plugin = `plugins/resource-kubernetes-v${pluginVersions.kubernetes}/pulumi-resource-kubernetes`;
  const place = join(stack.folder, ".home", plugin);
  // Pulumi sees no folders that are links.
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(pulumiHome(), plugin), place);
  return stack;
}

/** Runs kubectl. @throws Error with what it said when it fails */
export async function must(api: KubeApi, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await api.kubectl(...args);
  if (code !== 0) throw new Error(stderr);
}

/** Plurals of Calico's own kinds, without which no cluster can be joined. */
const neededKinds = [
  "bgpconfigurations",
  "bgppeers",
  "ippools",
  "globalnetworkpolicies",
  "ipamblocks",
];
/** With those that an inspection reads where they are there. */
export const inspectedKinds = [
  ...neededKinds,
  ...["globalnetworksets", "tiers", "hostendpoints", "felixconfigurations", "networkpolicies"],
];

/** Makes the definitions of Calico's own kinds, by the plural of their names. */
export async function defineCalico(api: KubeApi, kinds = neededKinds): Promise<void> {
  const files = kinds.map((kind) =>
    calicoAsset(`libcalico-go/config/crd/crd.projectcalico.org_${kind}.yaml`),
  );
  await must(api, "apply", "--server-side", ...files.map((file) => `--filename=${file}`));
  await must(api, "wait", "--for=condition=Established", "--timeout=15s", "crd", "--all");
}

/** Text of Calico's manifest for clusters without its operator. */
export function calicoManifest(): string {
  return readFileSync(calicoAsset("manifests/calico.yaml"), "utf8");
}

const network = { plugins: [{ type: "calico", ipam: { type: "calico-ipam" } }] };

/** Nothing runs it here; it is what tells that there is Calico, and which. */
const agent = (backend: string) => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "calico-node", namespace: "kube-system", labels: { "k8s-app": "calico-node" } },
  spec: {
    selector: { matchLabels: { "k8s-app": "calico-node" } },
    template: {
      metadata: { labels: { "k8s-app": "calico-node" } },
      spec: {
        serviceAccountName: "calico-node",
        initContainers: [
          {
            name: "install-cni",
            image: "calico/cni:v3.31.0",
            env: [{ name: "CNI_NETWORK_CONFIG", value: JSON.stringify(network) }],
          },
        ],
        containers: [
          {
            name: "calico-node",
            image: "calico/node:v3.31.0",
            env: [{ name: "CALICO_NETWORKING_BACKEND", value: backend }],
          },
        ],
      },
    },
  },
});

export async function applyAgent(api: KubeApi, backend: string): Promise<void> {
  const file = api.file("agent.yaml", stringify(agent(backend)));
  await must(api, "apply", "--server-side", "--force-conflicts", "--filename", file);
}
