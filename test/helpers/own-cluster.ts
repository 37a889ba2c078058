/**
 * A Kubernetes made of the lab's parts, but not by the lab's stack: whoever joins it has a kubeconfig and nothing else.
 * Its Calico has a past: a pool of its own in use, with IPIP and NAT, and the node-to-node mesh.
 */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { facetOf } from "../../components/contract/facet";
import { labKinds } from "../../components/kinds/lab";
import type { LabKind } from "../../lab/contract";
import { archiveFolder } from "../../lab/images";
import { hostFolders, hostTag } from "../../lab/images/images";
import { hostContainer, hostFolder } from "../../lab/names";
import type { CoePlan, NodePlan } from "../../plan/types";
import { type ExecResult, exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";

const project = resolve(__dirname, "..", "..");
const ports = { kubernetes: 36443, etcd: 32379, dcos: 38080 };
const network = "nodes";
const minutes = 60_000;

export class OwnCluster {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly dockerHost: string;
  /** The Docker network of its nodes. */
  readonly network = network;

  /**
   * @param name of the machine it lives on
   * @param state folder of that machine
   */
  constructor(
    private readonly name: string,
    private readonly state: string,
    private readonly coe: CoePlan,
    private readonly nodeNetwork: string,
  ) {
    this.kubeconfig = join(state, "kubeconfig");
    this.dockerHost = `unix://${state}/lab-${name}/docker.sock`;
  }

  /** Makes the machine, the nodes and the cluster. @throws Error with what failed */
  async make(): Promise<void> {
    const { name, coe } = this;
    const kind = facetOf<LabKind>(labKinds, coe);
    const { administrator, server } = kind.credentials?.of(ports) ?? {};
    const to = Object.values(kind.forwards(coe))[0] ?? "";
    const forwards = { kubernetes: { port: ports.kubernetes, to } };
    await this.step("lab-machine", { name, forwards });
    const images = (await this.step("lab-images", { name }, 15 * minutes)).trim();
    const text = await this.step("lab-credentials", { lab: name, coe, server, administrator });
    await writeFile(this.kubeconfig, text, { mode: 0o600 });
    await this.kubectl(["config", "rename-context", "seamless", "prod"]);
    await this.step("lab-hosts", { lab: name, coes: [coe] });
    await this.docker(["network", "create", `--subnet=${this.nodeNetwork}`, network]);
    for (const node of Object.values(coe.nodes)) await this.host(node, kind?.volumes(node) ?? []);
    await this.step("lab-start", { lab: name, coe, ports }, 10 * minutes, {
      SEAMLESS_IMAGES: images,
    });
    // As kubeadm does.
    for (const { name: node, role } of Object.values(coe.nodes))
      if (role === "controller")
        await this.kubectl(["label", "node", node, "node-role.kubernetes.io/control-plane="]);
    await this.kubectl(["apply", "--filename=-"], stringify(pool(coe)));
    await this.kubectl(["rollout", "status", "--namespace=kube-system", "daemonset/calico-node"]);
    await this.kubectl([
      ...["rollout", "status", "--namespace=kube-system"],
      "deployment/calico-kube-controllers",
    ]);
  }

  async remove(): Promise<void> {
    await this.step("lab-machine-down", { name: this.name });
  }

  /** As the cluster's administrator. @throws Error with what kubectl said when it fails */
  async kubectl(args: readonly string[], input = ""): Promise<string> {
    const argv = [join(toolsBin(), "kubectl"), `--kubeconfig=${this.kubeconfig}`, ...args];
    return must(argv, await exec(argv, { input, timeoutMs: 5 * minutes }));
  }

  async docker(args: readonly string[]): Promise<string> {
    const argv = ["docker", "--host", this.dockerHost, ...args];
    return must(argv, await exec(argv, { timeoutMs: 2 * minutes }));
  }

  private async host(node: NodePlan, volumes: readonly string[]): Promise<void> {
    const { name, coe } = this;
    const mounts = [
      [toolsBin(), hostFolders.programs],
      [join(project, "dist"), hostFolders.project],
      [join(project, "node_modules"), hostFolders.modules],
      [archiveFolder(name), hostFolders.images],
      [this.inState(hostFolder(name, coe.name, node)), hostFolders.files],
    ].map(([from, to]) => `--volume=${from}:${to}:ro`);
    await this.docker([
      ...["run", "--detach", `--name=${hostContainer(name, coe.name, node.name)}`],
      ...[`--hostname=${node.name}`, "--privileged", "--cgroupns=private"],
      ...["--restart=unless-stopped", "--stop-signal=SIGRTMIN+3"],
      ...["--tmpfs=/run", "--tmpfs=/run/lock", ...mounts, ...volumes.map((at) => `--volume=${at}`)],
      ...[`--network=${network}`, `--ip=${node.address}`, `--label=seamless.lab=${name}`, hostTag],
    ]);
  }

  /** The lab's folders are in the state folder of whoever runs it; this one has its own. */
  private inState(folder: string): string {
    const place = folder.slice(folder.indexOf(`lab-${this.name}`));
    return join(this.state, place);
  }

  private async step(
    step: string,
    input: unknown,
    timeoutMs = 3 * minutes,
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const argv = [join(project, "bin", "seamless"), "internal", step];
    const result = await exec(argv, {
      cwd: project,
      input: JSON.stringify(input),
      timeoutMs,
      env: { SEAMLESS_STATE: this.state, ...env },
    });
    return must(argv, result);
  }
}

/** What Calico makes of its own accord in a new cluster, and then uses. */
function pool(coe: CoePlan) {
  return {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "IPPool",
    metadata: { name: "default-ipv4-ippool" },
    spec: {
      cidr: coe.podCidr,
      blockSize: coe.blockSize,
      ipipMode: "Always",
      vxlanMode: "Never",
      natOutgoing: true,
      nodeSelector: "all()",
      allowedUses: ["Workload", "Tunnel"],
    },
  };
}

function must(argv: readonly string[], result: ExecResult): string {
  if (result.code === 0) return result.stdout;
  const why = `exit code ${result.code} ${result.failure ?? ""}\n${result.stdout}\n${result.stderr}`;
  throw new Error(`${argv.join(" ")}: ${why}`);
}
