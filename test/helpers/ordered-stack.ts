import { join } from "node:path";
import { gobgpTag } from "../../components/reflector/gobgp/image";
import { execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import type { TestDocker } from "./dockerd";
import type { KubeApi } from "./kube-api";
import { root } from "./kube-stack";

const dist = join(root, "dist");

/** The node of those programs. */
export const node = "172.16.18.34";

/**
 * A program with the lab's reflector and a Kubernetes of one node.
 * @param changes an expression with the fields of the Kubernetes in which it differs from the lab's
 * @param withGate whether it has a gate between moving and narrowing
 */
export function orderedProgram(
  { host }: TestDocker,
  { kubeconfig }: KubeApi,
  changes: string,
  withGate = false,
): string {
  const gate = `new Gate("gate", { plan, access: { reflectors: { reflector: reflectorShell("reflector", { dockerHost }, "gobgp") }, coes: { kubernetes: { ...access, nodes: {} } } }, probes: [], order });`;
  return `
import { Config } from "@pulumi/pulumi";
import { Gate } from "${dist}/components/gate";
import { KubernetesPeering } from "${dist}/components/kubernetes/peering";
import { UpdateOrder } from "${dist}/components/order";
import { Reflector } from "${dist}/components/reflector";
import { reflectorShell } from "${dist}/components/reflector/shell";
import { makePlan, readStackConfig } from "${dist}/components/kinds/planning";
const settings = new Config("seamless");
const lab = readStackConfig("${root}/Pulumi.lab.yaml");
const nodes = { "worker-1": { address: "${node}" } };
const kubernetes = { ...lab.coes.kubernetes, addons: {}, nodes, ...${changes} };
const plan = makePlan({ ...lab, coes: { kubernetes } });
const order = new UpdateOrder();
const dockerHost = "${host}";
const args = { plan, reflector: plan.reflectors.reflector, dockerHost, network: "nodes", order };
const { widened: resource } = new Reflector("reflector", args, {});
const reflectors = { reflector: { dockerHost, container: "seamless-reflector", resource } };
const access = { kubeconfig: ${JSON.stringify(kubeconfig)} };
new KubernetesPeering("kubernetes", { plan, coe: "kubernetes", access, reflectors, order }, {});
${withGate ? gate : ""}
order.close();
`;
}

/** A node's speaker in a container, which announces its blocks whatever the reflector accepts. */
export async function startNode(
  daemon: TestDocker,
  api: KubeApi,
  blocks: readonly string[],
): Promise<void> {
  const image = await execOrThrow([join(root, "bin", "seamless"), "internal", "reflector-image"], {
    cwd: root,
    env: { DOCKER_HOST: daemon.host, SEAMLESS_IMAGE: gobgpTag },
  });
  const file = api.file(
    "node.toml",
    `[global.config]
as = 64511
router-id = "${node}"
[[neighbors]]
[neighbors.config]
neighbor-address = "172.16.18.32"
peer-as = 64511
[neighbors.timers.config]
connect-retry = 5
idle-hold-time-after-reset = 1
`,
  );
  const run = ["gobgpd", image.stdout.trim(), "-t", "toml", "-f", "/gobgpd.toml"];
  await daemon.docker(
    ...["create", "--name", "node", "--user", "0", "--network", "nodes", "--ip", node],
    ...["--entrypoint", ...run],
  );
  await daemon.docker("cp", file, "node:/gobgpd.toml");
  await daemon.docker("start", "node");
  await waitFor({ what: "the node's speaker", timeoutMs: 20_000 }, async () => {
    for (const block of blocks)
      await daemon.docker("exec", "node", "gobgp", "global", "rib", "add", block, "nexthop", node);
    const seen = await daemon.docker("exec", "node", "gobgp", "global", "rib");
    return blocks.every((block) => seen.includes(block))
      ? { done: true, value: undefined }
      : { done: false, seen };
  });
}
