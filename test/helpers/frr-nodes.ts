import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { frrK8sAsset } from "../../components/speakers/frr-k8s/lab/files";
import { frrSystem } from "../../components/speakers/frr-k8s/lab/images";
import { rootArchive } from "../../util/debian";
import { exec, execOrThrow } from "../../util/exec";
import { familyOf } from "../../util/net";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { end } from "./end";
import { Speaker } from "./gobgp";
import type { KubeApi } from "./kube-api";
import { must } from "./kube-stack";

export const frrNamespace = "frr-k8s-system";

/** The definitions that belong to the FRR-K8s of the toolchain, and its namespace. */
export async function defineFrrK8s(api: KubeApi, namespace = frrNamespace): Promise<void> {
  await must(api, "apply", "--server-side", "--filename", frrK8sAsset("config/crd/bases"));
  await must(api, "wait", "--for=condition=Established", "--timeout=15s", "crd", "--all");
  await must(api, "create", "namespace", namespace);
  // Nobody makes it here, and no pod is taken without it.
  await must(api, "create", "serviceaccount", "default", "--namespace", namespace);
}

/**
 * Hosts on one switch without a way out, each a network namespace. On some of them runs what a pod of FRR-K8s runs: FRR's
 * daemons, the reloader, the controller and the exporter of states, each the real one. The API is asked from outside of the
 * namespaces, for it is on this machine's loopback; on a node it would be asked by the node's own network.
 */
export class FrrNodes {
  private readonly name = `sf${process.pid}`;
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-frr-"));
  private readonly root = join(this.folder, "root");
  private readonly spaces: string[] = [];
  private readonly children: ChildProcess[] = [];
  private readonly bgpds = new Map<string, ChildProcess>();
  private readonly bfdds = new Map<string, ChildProcess>();
  private readonly reflectors: Speaker[] = [];

  constructor(
    private readonly api: KubeApi,
    private readonly namespace = frrNamespace,
  ) {}

  /** @param hosts by name, the addresses of each */
  async up(hosts: Readonly<Record<string, readonly string[]>>): Promise<void> {
    mkdirSync(this.root);
    const archive = await rootArchive(frrSystem, () => undefined);
    await execOrThrow(["tar", "-C", this.root, "--exclude=./dev/*", "-xf", archive]);
    for (const made of ["etc/frr_reloader", "run/frr", "etc/frr_status", "dev"])
      mkdirSync(join(this.root, made), { recursive: true });
    writeFileSync(join(this.root, "dev/null"), "");
    chmodSync(join(this.root, "dev/null"), 0o666);
    for (const [tool, name] of [
      ["frr-k8s", "frr-k8s"],
      ["frr-k8s-status", "frr-status"],
    ] as const)
      cpSync(join(toolsBin(), tool), join(this.root, "usr/bin", name), { dereference: true });
    await this.space("switch");
    await this.ip("switch", "link", "add", "lan", "type", "bridge");
    await this.ip("switch", "link", "set", "lan", "up");
    for (const [host, addresses] of Object.entries(hosts)) {
      await this.space(host);
      const port = `p${this.spaces.length}`;
      const peer = ["type", "veth", "peer", "name", "eth0", "netns", this.spaceOf(host)];
      await this.ip("switch", "link", "add", port, ...peer);
      await this.ip("switch", "link", "set", port, "master", "lan", "up");
      for (const address of addresses) {
        const length = familyOf(address) === 6 ? ["/64", "nodad"] : ["/24"];
        await this.ip(
          ...[host, "address", "add", `${address}${length[0]}`, ...length.slice(1), "dev", "eth0"],
        );
      }
      await this.ip(host, "link", "set", "eth0", "up");
    }
  }

  /** A gobgpd on a host, not started yet. */
  reflector(host: string): Speaker {
    const file = join(this.folder, `${host}.toml`);
    const speaker = new Speaker(host, file, "127.0.0.1:50051", this.spaceOf(host));
    this.reflectors.push(speaker);
    return speaker;
  }

  /** Starts all that a pod of FRR-K8s runs on a node that the API has. */
  async start(node: string): Promise<void> {
    const own = this.ownFolder(node);
    for (const part of ["frr", "run", "reloader"]) mkdirSync(join(own, part), { recursive: true });
    const frr = this.frrUser();
    const files = { ...startup(), "frr.conf": `hostname ${node}\n` };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(own, "frr", name), text);
      chownSync(join(own, "frr", name), frr.user, frr.group);
    }
    for (const part of ["frr", "run"]) chownSync(join(own, part), frr.user, frr.group);
    cpSync(frrK8sAsset("cmd/reloader/frr-reloader.sh"), join(own, "reloader/frr-reloader.sh"));
    const lib = "/usr/lib/frr";
    // FRR 10 has one more daemon, which hands configuration to the others.
    if (existsSync(join(this.root, lib, "mgmtd"))) {
      this.daemon(node, "mgmtd", [`${lib}/mgmtd`, ...local]);
      await this.socket(node, "mgmtd");
    }
    this.daemon(node, "zebra", [`${lib}/zebra`, ...local, "-K", "120", "-s", "90000000"]);
    await this.socket(node, "zebra");
    this.daemon(node, "staticd", [`${lib}/staticd`, ...local]);
    await this.startBgpd(node);
    this.bfdds.set(node, this.daemon(node, "bfdd", [`${lib}/bfdd`, ...local]));
    await this.socket(node, "bfdd");
    this.daemon(node, "reloader", ["/bin/bash", "/etc/frr_reloader/frr-reloader.sh"]);
    await this.file(node, "reloader/reloader.pid");
    this.controller(node);
    await this.exporter(node);
  }

  private async startBgpd(node: string): Promise<void> {
    rmSync(join(this.ownFolder(node), "run/bgpd.vty"), { force: true });
    // As FRR-K8s starts it: it does not listen.
    this.bgpds.set(node, this.daemon(node, "bgpd", ["/usr/lib/frr/bgpd", ...local, "-p", "0"]));
    await this.socket(node, "bgpd");
  }

  /** Kills bgpd, and starts it again with the configuration that the reloader has saved, as watchfrr does. */
  async restartBgpd(node: string): Promise<void> {
    const child = this.bgpds.get(node);
    if (child !== undefined) await end(child);
    await this.startBgpd(node);
    await this.run(node, ["vtysh", "-b"]);
  }

  /** Kills bfdd, which nobody starts again here. */
  async killBfdd(node: string): Promise<void> {
    const child = this.bfdds.get(node);
    if (child !== undefined) await end(child);
  }

  /** A switch that loses a host, whose own link stays up: nobody is told. Or it finds it again. */
  async lose(host: string, lost: boolean): Promise<void> {
    const port = `p${this.spaces.indexOf(this.spaceOf(host)) + 1}`;
    await this.ip("switch", "link", "set", port, ...(lost ? ["nomaster"] : ["master", "lan"]));
  }

  /** Runs vtysh where the daemons of a node answer. @returns its standard output */
  async vtysh(node: string, ...commands: readonly string[]): Promise<string> {
    const argv = ["vtysh", ...commands.flatMap((command) => ["-c", command])];
    return (await execOrThrow(this.inside(node, argv))).stdout;
  }

  /** Runs a program in the frr container of a node. */
  run(node: string, argv: readonly string[]) {
    return exec(this.inside(node, argv));
  }

  /** Runs a program in the network of a host. */
  async at(host: string, ...argv: readonly string[]): Promise<string> {
    return (await execOrThrow(["ip", "netns", "exec", this.spaceOf(host), ...argv])).stdout;
  }

  /** Routes that a speaker has put into a host's kernel, by their range: what they lead to. */
  async routes(host: string, family: 4 | 6 = 4): Promise<Record<string, string>> {
    const argv = ["ip", `-${family}`, "-n", this.spaceOf(host), "-j", "route", "show"];
    const { stdout } = await execOrThrow([...argv, "proto", "bgp"]);
    const found: { dst: string; gateway?: string }[] = JSON.parse(stdout || "[]");
    return Object.fromEntries(found.map(({ dst, gateway = "" }) => [dst, gateway] as const).sort());
  }

  /**
   * A container on a host with an address of the host's range, by the CNI project's own plugins `bridge` and `host-local`, as
   * kubelet has them called. It answers GETs with the client's address. @returns its address
   */
  async pod(host: string, range: string): Promise<string> {
    const own = `${host}-pod`;
    await this.space(own);
    const network = {
      ...{ cniVersion: "1.0.0", name: "pods", type: "cni-bridge", bridge: "cni0" },
      ...{ isGateway: true, ipMasq: false },
      ipam: {
        ...{ type: "cni-host-local", dataDir: join(this.folder, `${host}.ipam`) },
        ...{ ranges: [[{ subnet: range }]], routes: [{ dst: "0.0.0.0/0" }] },
      },
    };
    const added = await execOrThrow(
      ["ip", "netns", "exec", this.spaceOf(host), join(toolsBin(), "cni-bridge")],
      {
        input: JSON.stringify(network),
        env: {
          ...{ CNI_COMMAND: "ADD", CNI_CONTAINERID: own, CNI_IFNAME: "eth0" },
          ...{ CNI_NETNS: `/run/netns/${this.spaceOf(own)}`, CNI_PATH: toolsBin() },
        },
      },
    );
    const { ips }: { ips: { address: string }[] } = JSON.parse(added.stdout);
    const argv = ["netns", "exec", this.spaceOf(own), join(toolsBin(), "lab-probe")];
    this.children.push(spawn("ip", argv, { stdio: "ignore" }));
    return (ips[0]?.address ?? "").replace(/\/.*/, "");
  }

  /** What a program of a node has printed, for messages. */
  said(node: string, program: string): string {
    return readFileSync(join(this.ownFolder(node), `${program}.log`), "utf8");
  }

  /** The file that the controller has rendered; FRR takes it from there. */
  rendered(node: string): string {
    return readFileSync(join(this.ownFolder(node), "reloader/frr.conf"), "utf8");
  }

  /** The file that FRR's daemons start with. */
  saved(node: string): string {
    return readFileSync(join(this.ownFolder(node), "frr/frr.conf"), "utf8");
  }

  /** Writes that file, in place of the reloader. */
  save(node: string, text: string): void {
    writeFileSync(join(this.ownFolder(node), "frr/frr.conf"), text);
  }

  async down(): Promise<void> {
    for (const reflector of this.reflectors) await reflector.stop();
    for (const child of this.children.reverse()) await end(child);
    for (const space of this.spaces) await exec(["ip", "netns", "delete", space]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  spaceOf(host: string): string {
    return `${this.name}-${host}`;
  }

  /** It looks for the reloader, and for what that says, at fixed places. */
  private controller(node: string): void {
    cpSync(this.api.kubeconfigFile, join(this.ownFolder(node), "run/kubeconfig"));
    this.spawn(
      node,
      "controller",
      this.inside(
        node,
        [
          ...["/usr/bin/frr-k8s", `--node-name=${node}`, `--namespace=${this.namespace}`],
          ...["--metrics-bind-address=0", "--health-probe-bind-address=0"],
          "--bgp-debounce-timeout=200",
        ],
        false,
      ),
      {
        FRR_CONFIG_FILE: "/etc/frr_reloader/frr.conf",
        FRR_RELOADER_PID_FILE: "/etc/frr_reloader/reloader.pid",
        KUBECONFIG: "/run/frr/kubeconfig",
      },
    );
  }

  /** It looks for its own pod, which owns the states that it writes. */
  private async exporter(node: string): Promise<void> {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `frr-k8s-${node}`, namespace: this.namespace, labels: { app: "frr-k8s" } },
      spec: { nodeName: node, hostNetwork: true, containers: [{ name: "frr", image: "none" }] },
    };
    const file = this.api.file(`pod-${node}.json`, JSON.stringify(pod));
    await must(this.api, "apply", "--server-side", "--filename", file);
    const flags = [
      `--node-name=${node}`,
      `--namespace=${this.namespace}`,
      `--pod-name=frr-k8s-${node}`,
    ];
    this.spawn(
      node,
      "status",
      this.inside(node, ["/usr/bin/frr-status", ...flags, "--poll-interval=2s"], false),
      { KUBECONFIG: "/run/frr/kubeconfig" },
    );
  }

  private ownFolder(node: string): string {
    return join(this.folder, node);
  }

  private frrUser(): { user: number; group: number } {
    const line = readFileSync(join(this.root, "etc/passwd"), "utf8");
    const [, user = "0", group = "0"] = /^frr:[^:]*:(\d+):(\d+):/m.exec(line) ?? [];
    return { user: Number(user), group: Number(group) };
  }

  /** Runs a program of the root, with the node's own folders as the pod's volumes. */
  private inside(node: string, argv: readonly string[], inSpace = true): string[] {
    const bind =
      'mount --bind "$1/frr" "$2/etc/frr" && mount --bind "$1/run" "$2/run/frr" && mount --bind "$1/reloader" "$2/etc/frr_reloader" && mount --bind /dev/null "$2/dev/null" && mount -t proc proc "$2/proc" && root=$2 && shift 2 && exec chroot "$root" "$@"';
    return [
      ...(inSpace ? ["nsenter", `--net=/run/netns/${this.spaceOf(node)}`] : []),
      ...["unshare", "--mount", "sh", "-c", bind, "sh", this.ownFolder(node), this.root, ...argv],
    ];
  }

  private daemon(node: string, name: string, argv: readonly string[]): ChildProcess {
    return this.spawn(node, name, this.inside(node, argv));
  }

  private spawn(
    node: string,
    name: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): ChildProcess {
    const [program = "", ...args] = argv;
    const log = openSync(join(this.ownFolder(node), `${name}.log`), "a");
    const child = spawn(program, args, {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...env },
    });
    this.children.push(child);
    return child;
  }

  private socket(node: string, daemon: string): Promise<void> {
    return this.file(node, `run/${daemon}.vty`);
  }

  private async file(node: string, path: string): Promise<void> {
    const options = { what: `${path} of ${node}`, timeoutMs: 20_000, intervalMs: 50 };
    await waitFor(options, async () =>
      existsSync(join(this.ownFolder(node), path))
        ? { done: true, value: undefined }
        : { done: false, seen: "not there" },
    );
  }

  private async space(host: string): Promise<void> {
    this.spaces.push(this.spaceOf(host));
    await execOrThrow(["ip", "netns", "add", this.spaceOf(host)]);
    await this.ip(host, "link", "set", "lo", "up");
  }

  private async ip(host: string, ...args: readonly string[]): Promise<void> {
    await execOrThrow(["ip", "-n", this.spaceOf(host), ...args]);
  }
}

/** Nobody asks them over the network. */
const local = ["-A", "127.0.0.1"];

/** As in the ConfigMap of FRR-K8s' manifest. */
function startup(): Record<string, string> {
  return { "vtysh.conf": "service integrated-vtysh-config\n", daemons: "bgpd=yes\nbfdd=yes\n" };
}
