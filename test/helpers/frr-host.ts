import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Asker, SpeakerState } from "../../components/ask/router";
import { answer } from "../../components/ask/shell";
import { renderFrrDaemons, renderFrrNode } from "../../components/speakers/frr/conf";
import type { FrrNode } from "../../components/speakers/frr/node";
import { readFrrNode } from "../../components/speakers/frr/read";
import { type ExecResult, exec, execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import type { Roots } from "./bgp/roots";

/**
 * Debian's FRR on a host, which is a network namespace: the daemons that its own two files say, with the options that these say, as
 * watchfrr starts them on a machine.
 */
export class FrrHost {
  private readonly folder: string;
  private readonly running = new Map<string, ChildProcess>();

  constructor(
    private readonly roots: Roots,
    host: string,
    private readonly space: string,
  ) {
    this.folder = join(roots.folder, host);
    for (const part of ["etc", "run"]) mkdirSync(join(this.folder, part), { recursive: true });
    for (const part of ["etc/frr", "proc", "dev"])
      mkdirSync(join(roots.newer, part), { recursive: true });
    const vtysh = "service integrated-vtysh-config\nusername root nopassword\n";
    writeFileSync(join(this.folder, "etc/vtysh.conf"), vtysh);
  }

  write(node: FrrNode): void {
    writeFileSync(join(this.folder, "etc/frr.conf"), renderFrrNode(node));
    writeFileSync(join(this.folder, "etc/daemons"), renderFrrDaemons(node));
  }

  /** Starts those daemons that are to run and do not, and has them read the file. */
  async start(): Promise<void> {
    const file = readFileSync(join(this.folder, "etc/daemons"), "utf8");
    for (const name of ["zebra", "bgpd", "bfdd", "staticd"]) {
      if (this.running.has(name)) continue;
      if (name.startsWith("b") && !file.includes(`${name}=yes\n`)) continue;
      const options = new RegExp(`^${name}_options="(.*)"$`, "m").exec(file)?.[1] ?? "";
      const argv = [`/usr/lib/frr/${name}`, "-u", "root", "-g", "root", ...options.split(" ")];
      rmSync(join(this.folder, "run", `${name}.vty`), { force: true });
      const [program = "", ...args] = this.inside(argv);
      const log = openSync(join(this.folder, `${name}.log`), "a");
      const child = spawn(program, args, { stdio: ["ignore", log, log] });
      this.running.set(name, child);
      await this.listens(name);
    }
    await execOrThrow(this.inside(["/usr/bin/vtysh", "-b"]));
  }

  async kill(name: string): Promise<void> {
    const child = this.running.get(name);
    this.running.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async down(): Promise<void> {
    for (const name of [...this.running.keys()].reverse()) await this.kill(name);
  }

  async vtysh(...commands: readonly string[]): Promise<string> {
    return (await this.vtyshOf(commands.flatMap((command) => ["-c", command]))).stdout;
  }

  /** What asks it as an update does. */
  get asker(): Asker {
    return { ask: async (args, input) => (await this.vtyshOf(args, input)).stdout };
  }

  /** What it says of itself as a node. The root has no shell: the scripts ask this program of the machine. */
  async ownWord(): Promise<SpeakerState> {
    const file = join(this.folder, "vtysh");
    const quoted = this.inside(["/usr/bin/vtysh"]).map((word) => `'${word}'`);
    writeFileSync(file, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${this.folder}:${process.env.PATH}` };
    const said = await readFrrNode(async (argv) => answer("vtysh", await exec(argv, { env })));
    if (!said.ok) throw new Error(said.error);
    return said.value;
  }

  private vtyshOf(args: readonly string[], input = ""): Promise<ExecResult> {
    // Standard input is a socket here, which no path leads to.
    const piped = ["sh", "-c", 'cat | "$@"', "sh", ...this.inside(["/usr/bin/vtysh", ...args])];
    return execOrThrow(piped, { input });
  }

  private async listens(name: string): Promise<void> {
    const what = `${name} of ${this.space}`;
    await waitFor({ what, timeoutMs: 120_000, intervalMs: 30 }, async () => {
      // The socket is there before anybody listens.
      const there = existsSync(join(this.folder, "run", `${name}.vty`));
      const ready =
        there && (await exec(this.inside(["/usr/bin/vtysh", "-d", name, "-c", "show version"])));
      return ready && ready.code === 0
        ? { done: true, value: undefined }
        : { done: false, seen: there ? "no answer" : "no socket" };
    });
  }

  /** Its own folders are where FRR has its files and its sockets. */
  private inside(argv: readonly string[]): string[] {
    const bind =
      'mount --bind "$1/etc" "$2/etc/frr" && mount --bind "$1/run" "$2/var/run/frr" && mount --bind /dev/null "$2/dev/null" && mount -t proc proc "$2/proc" && root=$2 && shift 2 && exec chroot "$root" "$@"';
    return [
      ...["nsenter", `--net=/run/netns/${this.space}`, "unshare", "--mount"],
      ...["sh", "-c", bind, "sh", this.folder, this.roots.newer, ...argv],
    ];
  }
}
