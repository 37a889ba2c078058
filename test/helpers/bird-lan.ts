import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { confdFiles } from "../../components/speakers/calico/lab/files";
import { type RootFilesystem, rootArchive } from "../../util/debian";
import { exec, execOrThrow } from "../../util/exec";
import { type Family, familyOf } from "../../util/net";
import { toolsBin } from "../../util/paths";
import { end } from "./end";
import { Speaker } from "./gobgp";

/** BIRD, and a shell for confd, which has BIRD judge what it writes. */
const system: RootFilesystem = {
  name: "bird",
  suite: "bookworm",
  variant: "extract",
  packages: ["bird", "dash"],
};

/** Hosts on one switch without a way out, each a network namespace with an address of its own. */
export class Lan {
  private readonly name: string;
  private readonly spaces: string[] = [];
  private readonly reflectors: Speaker[] = [];
  private readonly children: ChildProcess[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "seamless-lan-"));
  /** Debian's BIRD and Calico's confd with what they need; each host has its own /etc/calico in it. */
  readonly root = join(this.folder, "root");

  /** @param segment tells several switches apart. Default: there is one */
  constructor(segment = "") {
    this.name = `sl${process.pid}${segment}`;
  }

  /** @param hosts by name, the address of each, or its addresses of both families */
  async up(hosts: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
    await this.space("switch");
    await this.ip("switch", "link", "add", "lan", "type", "bridge");
    await this.ip("switch", "link", "set", "lan", "up");
    for (const [host, addresses] of Object.entries(hosts)) {
      await this.space(host);
      const [space, port] = [this.spaceOf(host), `p${this.spaces.length}`];
      await this.ip("switch", "link", "add", port, "type", "veth", "peer", "eth0", "netns", space);
      await this.ip("switch", "link", "set", port, "master", "lan", "up");
      for (const address of [addresses].flat())
        await this.ip(
          ...[host, "address", "add"],
          // Without looking for its like first, which takes a second.
          ...(familyOf(address) === 6 ? [`${address}/64`, "nodad"] : [`${address}/24`]),
          ...["dev", "eth0"],
        );
      await this.ip(host, "link", "set", "eth0", "up");
    }
    mkdirSync(this.root);
    await execOrThrow(["tar", "-C", this.root, "-xf", await rootArchive(system, () => undefined)]);
    cpSync(join(toolsBin(), "calico-node"), join(this.root, "usr/bin/calico-node"), {
      dereference: true,
    });
    if (!existsSync(join(this.root, "bin/sh"))) symlinkSync("dash", join(this.root, "bin/sh"));
    mkdirSync(join(this.root, "etc/calico"), { recursive: true });
    // Where Calico has BIRD's sockets, and the name of its client there.
    mkdirSync(join(this.root, "var/run"), { recursive: true });
    symlinkSync("/etc/calico", join(this.root, "var/run/calico"));
    symlinkSync("birdc", join(this.root, "usr/sbin/birdcl"));
    mkdirSync(join(this.root, "dev"), { recursive: true });
  }

  async down(): Promise<void> {
    for (const reflector of this.reflectors) await reflector.stop();
    for (const child of this.children) await end(child);
    for (const space of this.spaces) await exec(["ip", "netns", "delete", space]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A gobgpd on a host, not started yet. */
  reflector(host: string): Speaker {
    const file = join(this.folder, `${host}.toml`);
    const speaker = new Speaker(host, file, "127.0.0.1:50051", this.spaceOf(host));
    this.reflectors.push(speaker);
    return speaker;
  }

  spaceOf(host: string): string {
    return `${this.name}-${host}`;
  }

  /** Starts a program on a host, with a folder as its /etc/calico. */
  start(host: string, folder: string, argv: readonly string[]): ChildProcess {
    const [program = "", ...args] = this.inside(folder, argv, this.spaceOf(host));
    const child = spawn(program, args, { stdio: "ignore" });
    this.children.push(child);
    return child;
  }

  /** An argument vector that runs a program of the root, with a folder as its /etc/calico. */
  inside(folder: string, argv: readonly string[], space?: string): string[] {
    const bind =
      'mount --bind "$1" "$2/etc/calico" && root=$2 && shift 2 && exec chroot "$root" "$@"';
    return [
      ...(space === undefined ? [] : ["nsenter", `--net=/run/netns/${space}`]),
      ...["unshare", "--mount", "sh", "-c", bind, "sh", folder, this.root, ...argv],
    ];
  }

  /** Routes that a speaker has put into a host's kernel, by their range: what they lead to. @param by its name there */
  async routes(host: string, family: Family = 4, by = "bird"): Promise<Record<string, string>> {
    const { stdout } = await execOrThrow([
      ...["ip", `-${family}`, "-n", this.spaceOf(host), "-j", "route", "show", "proto", by],
    ]);
    const found: { dst: string; type?: string; gateway?: string }[] = JSON.parse(stdout || "[]");
    return Object.fromEntries(
      found.map(({ dst, type, gateway }) => [dst, gateway ?? type ?? ""] as const).sort(),
    );
  }

  /** A switch that loses a host, whose own link stays up: nobody is told. Or it finds it again. */
  async lose(host: string, lost: boolean): Promise<void> {
    const port = `p${this.spaces.indexOf(this.spaceOf(host)) + 1}`;
    await this.ip("switch", "link", "set", port, ...(lost ? ["nomaster"] : ["master", "lan"]));
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

/** A node as Calico runs it: the real confd writes BIRD's configuration from the datastore, and Debian's BIRD reads it. */
export class CalicoNode {
  private readonly folder: string;
  private bird: ChildProcess | undefined;
  private bird6: ChildProcess | undefined;

  constructor(
    private readonly lan: Lan,
    /** Name of the host, and of the node in Calico's datastore. */
    readonly name: string,
    /** Endpoint of its etcd; or the text of a kubeconfig where the datastore is a Kubernetes API. */
    private readonly datastore: string | { readonly kubeconfig: string },
    /** What is done to BIRD's configuration before BIRD reads it. Default: nothing. */
    private edit?: (text: string) => string,
    /** Whether it has BIRD for IPv6, too. Default: for IPv4 alone. */
    private readonly both = false,
    /** confd's template of what BIRD gives to the kernel. Default: Calico's, without tunnels. */
    kernelTemplate?: string,
  ) {
    this.folder = join(lan.folder, name);
    for (const { path, content } of confdFiles("confd")) {
      const file = join(this.folder, path);
      mkdirSync(dirname(file), { recursive: true });
      if (kernelTemplate !== undefined && path.endsWith("bird_ipam.cfg.template"))
        writeFileSync(file, kernelTemplate);
      else if ("from" in content) cpSync(content.from, file);
      else if ("text" in content) writeFileSync(file, content.text);
    }
    mkdirSync(join(this.folder, "confd/config"), { recursive: true });
    if (typeof datastore !== "string")
      writeFileSync(join(this.folder, "kubeconfig"), datastore.kubeconfig, { mode: 0o600 });
  }

  /** From now on BIRD's configuration is left as confd writes it. */
  leaveAlone(): void {
    this.edit = undefined;
  }

  /** Has confd write what the datastore says now, and BIRD read it. */
  async configure(): Promise<void> {
    const confd = ["/usr/bin/calico-node", "-confd", "-confd-run-once"];
    const { code, stdout, stderr } = await exec(this.lan.inside(this.folder, confd), {
      env: {
        PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
        NODENAME: this.name,
        ...(typeof this.datastore === "string"
          ? { DATASTORE_TYPE: "etcdv3", ETCD_ENDPOINTS: this.datastore }
          : { DATASTORE_TYPE: "kubernetes", KUBECONFIG: "/etc/calico/kubeconfig" }),
      },
      timeoutMs: 20_000,
    });
    if (code !== 0) throw new Error(`confd of ${this.name}: ${stdout}${stderr}`);
    const file = join(this.folder, "confd/config/bird.cfg");
    if (this.edit !== undefined) writeFileSync(file, this.edit(readFileSync(file, "utf8")));
    if (this.bird === undefined)
      this.bird = this.lan.start(this.name, this.folder, [
        ...["/usr/sbin/bird", "-f", "-c", config, "-s", socket],
      ]);
    else await this.ask("configure");
    if (!this.both) return;
    if (this.bird6 === undefined)
      this.bird6 = this.lan.start(this.name, this.folder, [
        ...["/usr/sbin/bird6", "-f", "-c", config6, "-s", socket6],
      ]);
    else await this.ask6("configure");
  }

  /** What BIRD for IPv6 answers. */
  async ask6(...words: readonly string[]): Promise<string> {
    const argv = ["/usr/sbin/birdc6", "-s", socket6, ...words];
    return (await execOrThrow(this.lan.inside(this.folder, argv))).stdout;
  }

  /** Ends BIRD, with all that it has put into the kernel: the next {@link configure} starts it anew. */
  async stop(): Promise<void> {
    if (this.bird !== undefined) await end(this.bird);
    this.bird = undefined;
    const flush = ["route", "flush", "proto", "bird"];
    await exec(["ip", "-n", this.lan.spaceOf(this.name), ...flush]);
  }

  /** What a program prints that runs where calico-node does. */
  async run(argv: readonly string[]): Promise<string> {
    const inside = this.lan.inside(this.folder, argv, this.lan.spaceOf(this.name));
    return (await execOrThrow(inside)).stdout;
  }

  /** What BIRD answers. */
  async ask(...words: readonly string[]): Promise<string> {
    const argv = ["/usr/sbin/birdc", "-s", socket, ...words];
    return (await execOrThrow(this.lan.inside(this.folder, argv))).stdout;
  }

  /** AS paths by range and the address of who has sent it: `192.168.0.0/26 172.16.18.1`. */
  async paths(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    let [range, sender] = ["", ""];
    for (const line of (await this.ask("show", "route", "all")).split("\n")) {
      const [, to, by] =
        /^(\S+)?\s+(?:via \S+ on \S+|multipath|unreachable|blackhole) \[(\S+)/.exec(line) ?? [];
      if (by !== undefined) {
        range = to ?? range;
        sender = by.replace(/^(Global|Mesh|Node)_/, "").replaceAll("_", ".");
      }
      const path = /^\s*BGP\.as_path: ?(.*)$/.exec(line)?.[1];
      if (path !== undefined) found[`${range} ${sender}`] = path.trim();
    }
    return found;
  }
}

const config = "/etc/calico/confd/config/bird.cfg";
const socket = "/etc/calico/bird.ctl";
const config6 = "/etc/calico/confd/config/bird6.cfg";
const socket6 = "/etc/calico/bird6.ctl";
