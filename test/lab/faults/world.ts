import { join } from "node:path";
import { gobgpApi } from "../../../components/reflector/gobgp/container";
import { type ExecResult, exec, execOrThrow } from "../../../util/exec";
import { toolsBin } from "../../../util/paths";

/** `<coe>/<node>` of the reference lab. */
export type NodeId = `${"kubernetes" | "dcos"}/${string}`;
export type Coe = "kubernetes" | "dcos";

/** The nodes whose containers are measured, with the port on which one of them answers a GET. */
export const nodes: Readonly<Record<NodeId, { readonly address: string; readonly url?: string }>> =
  {
    // A controller runs no probe; see withResident().
    "kubernetes/controller": { address: "172.16.18.33" },
    "kubernetes/worker-1": { address: "172.16.18.34", url: ":8080/" },
    "kubernetes/worker-2": { address: "172.16.18.35", url: ":8080/" },
    "kubernetes/worker-3": { address: "172.16.18.36", url: ":8080/" },
    "dcos/agent-1": { address: "172.16.18.43", url: ":8080/" },
    "dcos/agent-2": { address: "172.16.18.44", url: ":8080/" },
    "dcos/agent-3": { address: "172.16.18.46", url: ":8080/" },
    "dcos/public-1": { address: "172.16.18.45", url: ":8080/" },
  };

/** What a fault is planted and measured with: programs on the lab's hosts and the clients of its COEs. Never `seamless`. */
export class World {
  private readonly found = new Map<NodeId, string>();
  private readonly cables = new Map<NodeId, string>();
  private readonly kept = new Map<string, unknown>();

  /**
   * @param lab name of the lab
   * @param dockerHost where its Docker daemon answers
   * @param kubeconfig file with the administrator of Kubernetes
   * @param etcd where the datastore of DC/OS answers
   */
  constructor(
    private readonly lab: string,
    private readonly dockerHost: string,
    private readonly kubeconfig: string,
    private readonly etcd: string,
  ) {}

  /** Runs a program on a node. */
  on(node: NodeId, argv: readonly string[], timeoutMs = 20_000): Promise<ExecResult> {
    const host = `seamless-${this.lab}-${node.replace("/", "-")}`;
    return this.docker(["exec", host, ...argv], timeoutMs);
  }

  /** Runs a program on a node. @throws Error when it fails */
  async must(node: NodeId, ...argv: readonly string[]): Promise<string> {
    const result = await this.on(node, argv);
    if (result.code !== 0) throw new Error(`${node}: ${argv.join(" ")}: ${result.stderr}`);
    return result.stdout;
  }

  /** Runs a program in the network of a container. */
  inside(node: NodeId, address: string, argv: readonly string[]): Promise<ExecResult> {
    return this.on(node, ["sh", "-c", insideNetworkOf, "sh", address, ...argv]);
  }

  /** Runs a program in the network of a container. @throws Error when it fails */
  async mustInside(node: NodeId, address: string, ...argv: readonly string[]): Promise<string> {
    const result = await this.inside(node, address, argv);
    if (result.code !== 0)
      throw new Error(`${node}, ${address}: ${argv.join(" ")}: ${result.stderr}`);
    return result.stdout;
  }

  /** Asks the reflector's daemon, or has it do something. @throws Error when it refuses */
  async gobgp(...args: readonly string[]): Promise<string> {
    const argv = ["exec", "seamless-reflector", "gobgp", "--target", gobgpApi, ...args];
    const result = await this.docker(argv, 20_000);
    if (result.code !== 0) throw new Error(`gobgp ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  }

  /** What a node's BIRD says. */
  async birdc(node: NodeId, ...args: readonly string[]): Promise<string> {
    const socket = ["-s", "/var/run/calico/bird.ctl"];
    const result = await this.on(node, ["timeout", "3", "birdcl", ...socket, ...args]);
    return result.code === 0 ? result.stdout : `no answer of BIRD on ${node} ${result.stderr}`;
  }

  /** Starts or stops a part of Calico on a node. */
  async service(node: NodeId, state: "up" | "down", service: string): Promise<void> {
    const [folder, sv] = ["/etc/service/enabled", await this.calicoProcess(node, "runsvdir")];
    await this.must(
      node,
      "nsenter",
      `--root=/proc/${sv}/root`,
      "--",
      "env",
      ...[`SVDIR=${folder}`, ...["sv", state, service]],
    );
  }

  /** The process of a program of Calico on a node. */
  async calicoProcess(node: NodeId, pattern: string): Promise<string> {
    const found = await this.must(node, "pgrep", "--oldest", "--full", pattern);
    return found.trim();
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.kubectlWith("", ...args);
  }

  async kubectlWith(input: string, ...args: readonly string[]): Promise<string> {
    const argv = [join(toolsBin(), "kubectl"), `--kubeconfig=${this.kubeconfig}`, ...args];
    return (await execOrThrow(argv, { input, timeoutMs: 60_000 })).stdout;
  }

  /** Calico's own client. */
  async calicoctl(coe: Coe, args: readonly string[], document?: object): Promise<string> {
    const env =
      coe === "kubernetes"
        ? { DATASTORE_TYPE: "kubernetes", KUBECONFIG: this.kubeconfig }
        : { DATASTORE_TYPE: "etcdv3", ETCD_ENDPOINTS: this.etcd };
    const input = document === undefined ? "" : JSON.stringify(document);
    const argv = [join(toolsBin(), "calicoctl"), "--allow-version-mismatch", ...args];
    return (await execOrThrow(argv, { env, input, timeoutMs: 60_000 })).stdout;
  }

  /** Makes or replaces an object of Calico. */
  apply(coe: Coe, kind: string, name: string, spec: object, metadata = {}): Promise<string> {
    const apiVersion = "projectcalico.org/v3";
    const document = { apiVersion, kind, metadata: { name, ...metadata }, spec };
    return this.calicoctl(coe, ["apply", "-f", "-"], document);
  }

  delete(coe: Coe, kind: string, name: string): Promise<string> {
    return this.calicoctl(coe, ["delete", kind, name, "--skip-not-exists"]);
  }

  patch(coe: Coe, kind: string, name: string, spec: object): Promise<string> {
    return this.calicoctl(coe, ["patch", kind, name, "--patch", JSON.stringify({ spec })]);
  }

  /** Reads or writes the datastore of DC/OS as it is. */
  async etcdctl(...args: readonly string[]): Promise<string> {
    const endpoint = "http://172.16.18.43:2379";
    const env = ["env", "ETCDCTL_API=3", "etcdctl", `--endpoints=${endpoint}`];
    return this.must("dcos/agent-1", ...env, ...args);
  }

  /** Says which container of a node is measured. */
  settle(node: NodeId, address: string): void {
    this.found.set(node, address);
  }

  /** The address of a container on a node that answers a GET, or a ping. It stays the same for the life of this object. */
  async container(node: NodeId): Promise<string> {
    const known = this.found.get(node);
    if (known !== undefined) return known;
    const routes = await this.must(node, "ip", "-4", "route", "show", "scope", "link");
    const addresses = [...routes.matchAll(/^(\S+) dev cali/gm)].map((match) => match[1] ?? "");
    const url = nodes[node]?.url;
    for (const address of addresses) {
      const get = ["curl", "-sS", "-f", "-m", "3", `http://${address}${url}`];
      const ping = ["ping", "-n", "-c1", "-W2", address];
      if ((await this.on(node, url === undefined ? ping : get)).code !== 0) continue;
      this.found.set(node, address);
      return address;
    }
    throw new Error(`${node}: none of ${addresses.join(", ")} answers`);
  }

  /** The host's end of the cable to that container. */
  async cable(node: NodeId): Promise<string> {
    const known = this.cables.get(node);
    if (known !== undefined) return known;
    const route = await this.must(node, "ip", "-4", "route", "show", await this.container(node));
    const cable = /dev (cali\S+)/.exec(route)?.[1];
    if (cable === undefined) throw new Error(`${node}: no cable in ${route}`);
    this.cables.set(node, cable);
    return cable;
  }

  /** Has a container forget what it has learned of the sizes that fit. */
  async forgetSizes(node: NodeId): Promise<void> {
    await this.mustInside(node, await this.container(node), "ip", "route", "flush", "cache");
  }

  /** The block that holds the container of a node, as the node's own BIRD has it. */
  async block(node: NodeId): Promise<string> {
    const routes = await this.must(node, "ip", "-4", "route", "show", "type", "blackhole");
    const block = /^blackhole (\S+) proto bird/m.exec(routes)?.[1];
    if (block === undefined) throw new Error(`${node}: no block in ${routes}`);
    return block;
  }

  /** Runs a pod on a node, and waits for its address. */
  async runPod(
    name: string,
    node: string,
    annotations: Readonly<Record<string, string>>,
  ): Promise<void> {
    const image = "localhost/seamless/probe:1";
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "seamless", annotations } },
      spec: { nodeName: node, containers: [{ name: "probe", image, command: ["/probe"] }] },
    };
    await this.kubectlWith(JSON.stringify(pod), "apply", "-f", "-");
    const ready = ["wait", "pod", name, "-n", "seamless", "--for=condition=Ready", "--timeout=30s"];
    await this.kubectl(...ready);
  }

  /** Asks Calico's plugin for an address as a runtime does, and gives it back. @returns what the plugin printed */
  async askForAddress(node: NodeId): Promise<string> {
    const result = await this.on(node, ["sh", "-c", askPlugin]);
    return result.stdout;
  }

  /** Remembers an object of Calico as its API has it. */
  async keep(kind: string, name: string): Promise<void> {
    const text = await this.kubectl("get", `${kind}.crd.projectcalico.org`, name, "-o", "json");
    this.kept.set(`${kind}/${name}`, JSON.parse(text).spec);
  }

  /** Writes back what was kept. */
  async giveBack(kind: string, name: string): Promise<void> {
    const patch = JSON.stringify({ spec: this.kept.get(`${kind}/${name}`) });
    const merge = ["--type=merge", "-p", patch];
    await this.kubectl("patch", `${kind}.crd.projectcalico.org`, name, ...merge);
  }

  docker(args: readonly string[], timeoutMs: number): Promise<ExecResult> {
    return exec(["docker", "--host", this.dockerHost, ...args], { timeoutMs });
  }
}

/** Containers have a network namespace with a name, pods and tasks alike. */
const insideNetworkOf = `
address=$1; shift
for ns in /var/run/netns/*; do
  if nsenter --net="$ns" ip -4 -o address show 2>/dev/null | grep -qF " $address/"; then
    exec nsenter --net="$ns" "$@"
  fi
done
echo "no container with address $address" >&2
exit 97
`;

/** By the protocol of CNI plugins: commands in the environment, the network's configuration on standard input. */
const askPlugin = `
export CNI_CONTAINERID=planted CNI_NETNS=/proc/1/ns/net CNI_IFNAME=eth0 CNI_PATH=/opt/cni/bin
network='{"cniVersion": "0.3.1", "name": "k8s-pod-network", "type": "calico", "datastore_type": "kubernetes",
  "nodename": "worker-1", "ipam": {"type": "calico-ipam"}, "policy": {"type": "k8s"},
  "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}}'
echo "$network" | CNI_COMMAND=ADD /opt/cni/bin/calico-ipam 2>&1
echo "$network" | CNI_COMMAND=DEL /opt/cni/bin/calico-ipam >/dev/null 2>&1
exit 0
`;
