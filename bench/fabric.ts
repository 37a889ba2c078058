import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { askBird } from "../test/helpers/bgp/ask";
import { makeRoots, type Roots, removeRoots } from "../test/helpers/bgp/roots";
import { end } from "../test/helpers/end";
import { exec, execOrThrow } from "../util/exec";
import { waitFor } from "../util/wait";

/** A range for documentation (RFC 5737), which nobody announces. */
const sign = "192.0.2.1";

/** A change of a kernel's routes, as `ip monitor` tells it. */
export interface RouteChange {
  readonly host: string;
  readonly range: string;
  readonly added: boolean;
  /** Milliseconds of the machine's monotonic clock. */
  readonly at: number;
}

/** Hosts on one switch without a way out, each a network namespace; daemons see a folder of Debian's packages as their root. */
export class Fabric {
  private readonly name = `sb${process.pid}`;
  private readonly children: ChildProcess[] = [];
  private roots: Roots | undefined;
  private hosts: string[] = [];

  /** @param hosts by name, their addresses on the switch */
  async up(hosts: Readonly<Record<string, string>>): Promise<void> {
    this.roots ??= await makeRoots();
    this.hosts = Object.keys(hosts);
    await this.batch(
      undefined,
      ["switch", ...this.hosts].map((host) => `netns add ${this.space(host)}`),
    );
    await this.batch("switch", [
      "link add lan type bridge",
      "link set lan up",
      ...this.hosts.flatMap((host, at) => [
        `link add p${at} type veth peer name eth0 netns ${this.space(host)}`,
        `link set p${at} master lan up`,
      ]),
    ]);
    for (const [host, address] of Object.entries(hosts)) {
      await this.batch(host, [
        "link set lo up",
        `address add ${address}/16 dev eth0`,
        "link set eth0 up",
      ]);
      const forward = ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"];
      await execOrThrow(this.on(host, forward));
    }
  }

  async down(): Promise<void> {
    for (const child of this.children.splice(0)) await end(child);
    for (const host of ["switch", ...this.hosts])
      await exec(["ip", "netns", "delete", this.space(host)]);
    if (this.roots !== undefined) removeRoots(this.roots);
    this.roots = undefined;
  }

  /** Runs lines of `ip -batch` on a host. */
  async batch(host: string | undefined, lines: readonly string[]): Promise<void> {
    const where = host === undefined ? [] : ["-n", this.space(host)];
    await execOrThrow(["ip", ...where, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }

  /** An argument vector that runs in a host's network. */
  on(host: string, argv: readonly string[]): string[] {
    return ["nsenter", `--net=/run/netns/${this.space(host)}`, ...argv];
  }

  /** Writes a file where the daemons of the root see it. @returns its path there */
  file(name: string, text: string): string {
    mkdirSync(join(this.root, "w"), { recursive: true });
    writeFileSync(join(this.root, "w", name), text, { mode: 0o600 });
    return `/w/${name}`;
  }

  /** A path of the root, as the machine sees it. */
  outside(path: string): string {
    return join(this.root, path);
  }

  /** Starts a daemon of the root on a host. */
  daemon(host: string, argv: readonly string[]): ChildProcess {
    const child = this.start(this.on(host, ["chroot", this.root, ...argv]));
    // A daemon stops when nobody reads what it logs.
    child.stdout?.resume();
    return child;
  }

  /** Starts a program of the machine. */
  start(argv: readonly string[]): ChildProcess {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.children.push(child);
    return child;
  }

  /** Tells of every change of a host's main table, from when the promise is kept. */
  async watch(host: string, tell: (change: RouteChange) => void): Promise<void> {
    const child = this.start(["ip", "-n", this.space(host), "-4", "-o", "monitor", "route"]);
    if (child.stdout === null) throw new Error("no output of ip monitor");
    let listening = false;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /^(Deleted )?(?:blackhole |unreachable )?(\d\S*)/.exec(line);
      if (found?.[2] === undefined) return;
      listening ||= found[2] === sign;
      tell({ host, range: found[2], added: found[1] === undefined, at: performance.now() });
    });
    // Nothing tells when it listens but that it tells of something.
    await waitFor({ what: `ip monitor on ${host}`, timeoutMs: 60_000 }, async () => {
      await this.batch(host, [`route replace blackhole ${sign}`, `route delete blackhole ${sign}`]);
      return listening ? { done: true, value: undefined } : { done: false, seen: "nothing" };
    });
  }

  private get root(): string {
    if (this.roots === undefined) throw new Error("the fabric is not up");
    return this.roots.newer;
  }

  private space(host: string): string {
    return `${this.name}-${host}`;
  }
}

/** Most memory that a process has at the moment, in MB. */
export async function memoryOf({ pid }: ChildProcess): Promise<number> {
  const { stdout } = await execOrThrow(["grep", "VmRSS", `/proc/${pid}/status`]);
  return Number(/(\d+) kB/.exec(stdout)?.[1]) / 1024;
}

/** A client of reflectors: a BIRD that announces its blocks when it is told to, and has a kernel to put routes into. */
export class Client {
  private readonly socket: string;

  constructor(
    fabric: Fabric,
    readonly host: string,
    address: string,
    reflectors: readonly string[],
    asn: number,
    blocks: readonly string[],
  ) {
    const config = fabric.file(`${host}.conf`, clientConfig(address, reflectors, asn, blocks));
    const socket = `/w/${host}.ctl`;
    this.socket = fabric.outside(socket);
    fabric.daemon(host, [
      "/usr/sbin/bird",
      "-f",
      "-c",
      config,
      "-s",
      socket,
      "-P",
      `/w/${host}.pid`,
    ]);
  }

  /** Announces its blocks, or takes them back. */
  async announce(yes: boolean): Promise<void> {
    await askBird(this.socket, `${yes ? "enable" : "disable"} blocks`);
  }

  /** Until so many of its sessions are up. */
  async established(sessions: number): Promise<void> {
    await waitFor({ what: `sessions of ${this.host}`, timeoutMs: 120_000 }, async () => {
      const said = await askBird(this.socket, "show protocols").catch(
        (error: Error) => error.message,
      );
      const up = (said.match(/Established/g) ?? []).length;
      return up === sessions ? { done: true, value: undefined } : { done: false, seen: said };
    });
  }
}

/** What Calico has its BIRD do, in BIRD 2's words. */
function clientConfig(
  address: string,
  reflectors: readonly string[],
  asn: number,
  blocks: readonly string[],
): string {
  return [
    `router id ${address};`,
    "protocol device { }",
    "protocol static blocks { disabled; ipv4;",
    ...blocks.map((block) => `  route ${block} blackhole;`),
    "}",
    "protocol direct { ipv4; }",
    "protocol kernel { persist; merge paths on; ipv4 { import none; export all; }; }",
    ...reflectors.map(
      (far, at) => `protocol bgp r${at} {
  local ${address} as ${asn};
  neighbor ${far} as ${asn};
  multihop;
  graceful restart on;
  connect delay time 1; connect retry time 2;
  ipv4 { import all; export where source = RTS_STATIC; next hop self; add paths rx; };
}`,
    ),
    "",
  ].join("\n");
}
