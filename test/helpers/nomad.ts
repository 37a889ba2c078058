import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ClientConfig, ServerConfig } from "../../standins/nomad/config";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { end } from "./end";
import type { Machines } from "./machines";
import { compileStandIn } from "./stand-in";

/** Folders of which a client's machine has its own: CNI's, and those of what stands in for Nomad. */
export const clientFolders = ["/opt/cni", "/var/lib/cni", "/var/lib/nomad-standin"];

const dataDir = "/var/lib/nomad-standin";
const httpPort = 4646;

// biome-ignore lint/suspicious/noExplicitAny: tests compare whole answers
type Said = any;

/** The official client of Nomad's API, on one machine. */
export class NomadApi {
  private readonly child: ChildProcess;
  private readonly waiting: ((line: string) => void)[] = [];

  constructor(argv: readonly string[], env: Readonly<Record<string, string>>) {
    const [program = "", ...args] = argv;
    this.child = spawn(program, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    if (this.child.stdout === null) throw new Error("no output");
    createInterface({ input: this.child.stdout }).on("line", (line) =>
      this.waiting.shift()?.(line),
    );
  }

  /** What the client makes of the answer. @throws Error with the client's words */
  async ask(question: string, more: Readonly<Record<string, unknown>> = {}): Promise<Said> {
    return (await this.query(question, more)).value;
  }

  /** The same with the index that came with it. */
  async query(
    question: string,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<{ value: Said; index: number }> {
    const line = new Promise<string>((resolve) => this.waiting.push(resolve));
    this.child.stdin?.write(`${JSON.stringify({ ask: question, ...more })}\n`);
    const { value, index = 0, error } = JSON.parse(await line);
    if (error !== undefined) throw new Error(error);
    return { value, index };
  }

  async close(): Promise<void> {
    await end(this.child, "SIGTERM");
  }
}

/** What stands in for Nomad on machines: a server on one, clients on others. */
export class NomadStandIn {
  private readonly dist: string;
  private readonly running = new Map<string, ChildProcess>();
  private readonly apis: NomadApi[] = [];
  readonly log: string[] = [];

  constructor(private readonly machines: Machines) {
    this.dist = join(machines.folder, "dist");
    compileStandIn("nomad", this.dist);
  }

  startServer(host: string, address: string, settings: Partial<ServerConfig> = {}): void {
    const config: Partial<ServerConfig> = {
      http: { address, port: httpPort },
      rpc: { address, port: 4647 },
      stateDir: dataDir,
      heartbeatMs: 2_000,
      rescheduleMs: 500,
      ...settings,
    };
    this.launch(host, "server", config);
  }

  /** The official client on a machine. */
  api(host: string, server: string, env: Readonly<Record<string, string>> = {}): NomadApi {
    const argv = this.machines.argv(host, [join(toolsBin(), "nomad-api")]);
    const made = new NomadApi(argv, { NOMAD_ADDR: `http://${server}:${httpPort}`, ...env });
    this.apis.push(made);
    return made;
  }

  /** Ends all programs. What allocations run ends with the machines. */
  async down(): Promise<void> {
    for (const api of this.apis) await api.close();
    for (const host of [...this.running.keys()]) await this.stop(host);
  }

  /** Puts the CNI project's plugins where a client looks for them. */
  givePlugins(host: string, names: readonly string[]): void {
    const bin = this.machines.inside(host, "/opt/cni/bin");
    mkdirSync(bin, { recursive: true });
    mkdirSync(this.machines.inside(host, "/opt/cni/config"), { recursive: true });
    for (const name of names)
      symlinkSync(realpathSync(join(toolsBin(), `cni-${name}`)), join(bin, name));
  }

  startClient(
    host: string,
    address: string,
    server: string,
    settings: Partial<ClientConfig> = {},
  ): void {
    const config: Partial<ClientConfig> = {
      ...{ name: host, address, dataDir, server: `http://${server}:4647` },
      cniProgram: join(toolsBin(), "nomad-cni"),
      cniPath: "/opt/cni/bin",
      restartMs: 500,
      reportMs: 200,
      ...settings,
    };
    this.launch(host, "client", config);
  }

  pid(host: string): number | undefined {
    return this.running.get(host)?.pid;
  }

  /** Has a client look at its node again. */
  reload(host: string): void {
    this.running.get(host)?.kill("SIGHUP");
  }

  /** Ends a program, as systemd would, or as a crash of the machine would. */
  async stop(host: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.running.get(host);
    this.running.delete(host);
    if (child !== undefined) await end(child, signal);
  }

  /** How a program ended by itself; undefined while it runs. */
  exitCode(host: string): number | null | undefined {
    return this.running.get(host)?.exitCode;
  }

  private launch(host: string, what: "server" | "client", config: unknown): void {
    const file = join(this.machines.folder, `${host}-${what}.json`);
    writeFileSync(file, JSON.stringify(config));
    const program = join(this.dist, "standins/nomad", `${what}.js`);
    const argv = [process.execPath, program, file];
    // nsenter becomes the program, so signals reach it.
    this.running.set(
      host,
      this.machines.start(host, argv, (text) => this.log.push(`${host}: ${text}`)),
    );
  }

  /** Waits until a look answers something; a text is what was seen. */
  async until<T>(what: string, look: () => Promise<T | undefined>, timeoutMs = 20_000): Promise<T> {
    return waitFor({ what, timeoutMs, intervalMs: 100 }, async () => {
      try {
        const value = await look();
        if (value !== undefined) return { done: true, value };
        return { done: false, seen: this.log.slice(-12).join("") };
      } catch (thrown) {
        return { done: false, seen: `${thrown}\n${this.log.slice(-12).join("")}` };
      }
    });
  }
}
