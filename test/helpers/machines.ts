import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec, execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { end } from "./end";

interface Machine {
  readonly address: string;
  /** Holds the machine's namespaces. */
  readonly holder: ChildProcess;
  /** Where its own folders are seen from outside. */
  readonly folder: string;
}

/**
 * Hosts on one switch without a way out, each with network and mounts of its own: what programs there write to the folders
 * that are its own is seen by none of the others.
 */
export class Machines {
  private readonly name = `sm${process.pid}`;
  private readonly machines = new Map<string, Machine>();
  private readonly children: ChildProcess[] = [];
  /** Folders of this machine that were not there before. */
  private readonly made: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "seamless-machines-"));

  /** @param own folders that each host has of its own, made where they are missing */
  constructor(private readonly own: readonly string[]) {}

  async up(hosts: Readonly<Record<string, string>>): Promise<void> {
    await execOrThrow(["ip", "netns", "add", this.switchSpace()]);
    await this.ip("link", "add", "lan", "type", "bridge");
    await this.ip("link", "set", "lan", "up");
    for (const [host, address] of Object.entries(hosts)) await this.add(host, address);
  }

  async down(): Promise<void> {
    for (const child of [...this.children].reverse()) await end(child);
    for (const { holder } of this.machines.values()) {
      for (const pid of sharingMounts(holder.pid)) kill(pid);
      await end(holder);
    }
    await exec(["ip", "netns", "delete", this.switchSpace()]);
    for (const path of this.made) rmdirSync(path);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A folder of a host's own, seen from outside. */
  inside(host: string, path: string): string {
    return join(this.of(host).folder, path);
  }

  /** An argument vector that runs a program on a host. */
  argv(host: string, argv: readonly string[]): string[] {
    return ["nsenter", "-t", String(this.of(host).holder.pid), "--net", "--mount", ...argv];
  }

  /** What a program on a host prints. @throws Error where it fails */
  async run(host: string, ...argv: readonly string[]): Promise<string> {
    return (await execOrThrow(this.argv(host, argv))).stdout;
  }

  /** Starts a program on a host, which {@link down} ends. */
  start(host: string, argv: readonly string[], said?: (text: string) => void): ChildProcess {
    const [program = "", ...args] = this.argv(host, argv);
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr?.on("data", (text: Buffer) => said?.(text.toString("utf8")));
    this.children.push(child);
    return child;
  }

  private async add(host: string, address: string): Promise<void> {
    const folder = join(this.folder, host);
    for (const path of this.own) {
      mkdirSync(join(folder, path), { recursive: true });
      // Where the host's own folder is seen by its programs; this machine has nothing in it.
      if (mkdirSync(path, { recursive: true }) !== undefined) this.made.push(path);
    }
    // A tmpfs on /run hides what others keep there, such as namespaces of `ip netns`.
    const prepare =
      'root=$1; shift; mount -t tmpfs run /run || exit 1; mkdir /run/netns; for d in "$@"; do mount --bind "$root$d" "$d" || exit 1; done; touch "$root/ready"; exec sleep infinity';
    const holder = spawn(
      "unshare",
      ["--net", "--mount", "sh", "-c", prepare, "sh", folder, ...this.own],
      { stdio: "ignore" },
    );
    this.machines.set(host, { address, holder, folder });
    await waitFor(
      { what: `the namespaces of ${host}`, timeoutMs: 10_000, intervalMs: 20 },
      async () =>
        existsSync(join(folder, "ready"))
          ? { done: true, value: undefined }
          : { done: false, seen: "not ready" },
    );
    const port = `p${this.machines.size}`;
    const peer = ["type", "veth", "peer", "eth0", "netns", String(holder.pid)];
    await this.ip("link", "add", port, ...peer);
    await this.ip("link", "set", port, "master", "lan", "up");
    await this.run(host, "ip", "link", "set", "lo", "up");
    await this.run(host, "ip", "address", "add", `${address}/24`, "dev", "eth0");
    await this.run(host, "ip", "link", "set", "eth0", "up");
    await this.run(host, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
  }

  private switchSpace(): string {
    return `${this.name}-switch`;
  }

  private async ip(...args: readonly string[]): Promise<void> {
    await execOrThrow(["ip", "-n", this.switchSpace(), ...args]);
  }

  private of(host: string): Machine {
    const found = this.machines.get(host);
    if (found === undefined) throw new Error(`no machine ${host}`);
    return found;
  }
}

/** Processes with the mounts of another, whatever network they are in. */
function sharingMounts(pid: number | undefined): number[] {
  const mounts = (one: string) => {
    try {
      return readlinkSync(`/proc/${one}/ns/mnt`);
    } catch {
      // It has ended in between.
      return undefined;
    }
  };
  const wanted = mounts(String(pid));
  return readdirSync("/proc")
    .filter((one) => /^\d+$/.test(one) && Number(one) !== pid && mounts(one) === wanted)
    .map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended in between.
  }
}
