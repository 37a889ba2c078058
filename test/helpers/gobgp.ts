import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RouterDaemon } from "../../components/reflector/contract";
import { gobgp } from "../../components/reflector/gobgp";
import { complaint } from "../../components/reflector/gobgp/complaint";
import { exec, execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { end } from "./end";

/** A network namespace without a way out, with addresses on its loopback: BGP as between machines, on port 179. */
export class BgpNetwork {
  private readonly name = `seamless-bgp-${process.pid}`;
  private readonly speakers: Speaker[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-bgp-"));

  async up(addresses: readonly string[]): Promise<void> {
    await execOrThrow(["ip", "netns", "add", this.name]);
    await execOrThrow(["ip", "-n", this.name, "link", "set", "lo", "up"]);
    for (const address of addresses)
      await execOrThrow(["ip", "-n", this.name, "address", "add", `${address}/32`, "dev", "lo"]);
  }

  async down(): Promise<void> {
    for (const speaker of this.speakers) await speaker.stop();
    await execOrThrow(["ip", "netns", "delete", this.name]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A gobgpd that is not started yet. */
  speaker(name: string): Speaker {
    const api = `127.0.0.1:${50051 + this.speakers.length}`;
    const speaker = new Speaker(name, join(this.folder, `${name}.toml`), api, this.name);
    this.speakers.push(speaker);
    return speaker;
  }
}

/** One gobgpd on the network, which is handled like one in a container. */
export class Speaker implements RouterDaemon {
  readonly kind = gobgp;
  private child: ChildProcess | undefined;
  /** How often it was started and told to reload. */
  readonly signals: string[] = [];

  constructor(
    readonly name: string,
    private readonly file: string,
    private readonly api: string,
    private readonly namespace: string,
  ) {}

  private inside(program: string, args: readonly string[]): string[] {
    return ["nsenter", `--net=/run/netns/${this.namespace}`, join(toolsBin(), program), ...args];
  }

  read(): Promise<string | undefined> {
    return readFile(this.file, "utf8").catch(() => undefined);
  }

  async check(text: string): Promise<void> {
    const candidate = `${this.file}.candidate`;
    await writeFile(candidate, text);
    const flags = ["-t", "toml", "-d", "-f", candidate, "--pprof-disable"];
    const result = await exec(this.inside("gobgpd", flags));
    if (result.code !== 0) throw new Error(complaint(result));
  }

  write(text: string): Promise<void> {
    return writeFile(this.file, text);
  }

  async hangUp(): Promise<void> {
    this.signals.push("hangUp");
    this.child?.kill("SIGHUP");
  }

  async restart(): Promise<void> {
    this.signals.push("restart");
    await this.stop();
    await this.start();
  }

  async start(): Promise<void> {
    const [program = "", ...args] = this.inside("gobgpd", [
      ...["-t", "toml", "-f", this.file, "-r", "--api-hosts", this.api, "--pprof-disable"],
    ]);
    const child = spawn(program, args, { stdio: "ignore" });
    this.child = child;
    await waitFor({ what: `${this.name} to answer`, timeoutMs: 60_000, intervalMs: 50 }, () =>
      this.ask(["neighbor"]).then(
        () => ({ done: true, value: undefined }) as const,
        ({ message }: Error) => {
          if (child.exitCode !== null)
            throw new Error(`${this.name} ended with ${child.exitCode}: ${message}`);
          return { done: false, seen: message } as const;
        },
      ),
    );
  }

  async stop(): Promise<void> {
    if (this.child !== undefined) await end(this.child);
  }

  async ask(args: readonly string[]): Promise<string> {
    const port = this.api.split(":")[1] ?? "";
    return (await execOrThrow(this.inside("gobgp", ["-p", port, "-j", ...args]))).stdout;
  }

  /** Announces a route of its own. */
  async announce(prefix: string, nextHop: string): Promise<void> {
    await this.ask(["global", "rib", "add", prefix, "nexthop", nextHop]);
  }
}
