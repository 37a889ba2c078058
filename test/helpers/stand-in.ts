import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transformFileSync } from "@swc/core";
import type { AdminRouterConfig, AgentConfig, MasterConfig } from "../../standins/dcos/config";
import { waitFor } from "../../util/wait";
import { freePort } from "./ports";

const root = join(__dirname, "../..");

/** What the programs may need besides Node's own modules: what validates and renders packages. */
const nodePackages = [
  ...["ajv", "ajv-draft-04", "fast-deep-equal", "fast-uri", "json-schema-traverse"],
  ...["mustache", "require-from-string"],
];

/**
 * Compiles the stand-in into a folder with few packages at hand, where a program that needs more does not start.
 */
export function compileStandIn(name: string, target: string): void {
  for (const dir of ["util", "standins/common", `standins/${name}`]) {
    const names = readdirSync(join(root, dir), { encoding: "utf8", recursive: true });
    for (const name of names.filter((one) => one.endsWith(".ts"))) {
      const { code } = transformFileSync(join(root, dir, name), {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
      });
      const out = join(target, dir, name.replace(/\.ts$/, ".js"));
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, code);
    }
  }
}

/** A stand-in cluster of real processes on loopback, in a folder of its own. */
export class StandIn {
  readonly dir = mkdtempSync(join(tmpdir(), "seamless-dcos-"));
  private readonly running = new Map<string, ChildProcess>();
  /** What the programs say, told where a wait gives up. */
  private readonly log: string[] = [];
  private ports = { marathon: 0, mesos: 0, router: 0, faults: 0 };

  /**
   * @param settings what the master is told besides where to listen and to keep its state
   * @param router what Admin Router is told; without it there is none, and no faults to be asked for
   */
  constructor(
    private readonly settings: Partial<MasterConfig> = {},
    private readonly router?: Omit<AdminRouterConfig, "address" | "port">,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.ports.marathon}`;
  }

  get mesosUrl(): string {
    return `http://127.0.0.1:${this.ports.mesos}`;
  }

  get routerUrl(): string {
    const scheme = this.router?.tls === undefined ? "http" : "https";
    return `${scheme}://127.0.0.1:${this.ports.router}`;
  }

  get faultsUrl(): string {
    return `http://127.0.0.1:${this.ports.faults}`;
  }

  async prepare(): Promise<void> {
    compileStandIn("dcos", join(this.dir, "dist"));
    mkdirSync(join(this.dir, "node_modules"));
    for (const name of nodePackages) {
      symlinkSync(join(root, "node_modules", name), join(this.dir, "node_modules", name));
    }
    this.ports = {
      marathon: await freePort(),
      mesos: await freePort(),
      router: await freePort(),
      faults: await freePort(),
    };
    mkdirSync(join(this.dir, "cni"));
  }

  async startMaster(): Promise<void> {
    const { marathon, mesos, router, faults } = this.ports;
    const listen = (port: number) => ({ address: "127.0.0.1", port });
    this.launch("master", {
      marathon: listen(marathon),
      mesos: listen(mesos),
      stateDir: join(this.dir, "master"),
      ...(this.router === undefined
        ? {}
        : {
            adminRouter: { pollSeconds: 0.5, ...listen(router), ...this.router },
            faults: listen(faults),
          }),
      ...this.settings,
    });
    await waitFor({ what: "the master", timeoutMs: 10_000, intervalMs: 50 }, async () => {
      try {
        await fetch(`${this.url}/ping`);
        return { done: true, value: undefined };
      } catch {
        return { done: false, seen: "no connection" };
      }
    });
  }

  startAgent(name: string, settings: Pick<AgentConfig, "address"> & Partial<AgentConfig>): void {
    this.launch(name, {
      name,
      role: "private",
      master: this.mesosUrl,
      workDir: join(this.dir, name),
      cniConfigDir: join(this.dir, "cni"),
      cniPluginsDir: join(this.dir, "plugins"),
      ...settings,
    });
  }

  /** Path of one of the compiled programs. */
  program(name: string): string {
    return join(this.dir, "dist/standins/dcos", `${name}.js`);
  }

  private launch(name: string, config: unknown): void {
    const file = join(this.dir, `${name}.json`);
    writeFileSync(file, JSON.stringify(config));
    const main = this.program(name === "master" ? "master" : "agent");
    const child = spawn(process.execPath, [main, file], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr?.on("data", (text: Buffer) => this.log.push(text.toString("utf8")));
    this.running.set(name, child);
  }

  /** Ends one of the two programs as systemd would. */
  async stop(name: string): Promise<void> {
    const child = this.running.get(name);
    if (child === undefined) return;
    this.running.delete(name);
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });
  }

  /** Ends everything; apps are deleted first, so that no task is left behind. */
  async close(): Promise<void> {
    if (this.running.has("master")) {
      const { body } = await this.call("GET", "/v2/apps");
      for (const { id } of body.apps) await this.call("DELETE", `/v2/apps/${id}?force=true`);
      await this.eventually("the end of all tasks", async () => {
        const tasks = (await this.call("GET", "/v2/tasks")).body.tasks;
        return tasks.length === 0 ? true : JSON.stringify(tasks);
      });
    }
    for (const name of [...this.running.keys()]) await this.stop(name);
    rmSync(this.dir, { recursive: true, force: true });
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests compare whole answers
  async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.url}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : parsed(text) };
  }

  /** Waits until a look answers true; anything else is what was seen. */
  async eventually(what: string, look: () => Promise<true | string>): Promise<void> {
    await waitFor({ what, timeoutMs: 20_000, intervalMs: 50 }, async () => {
      const seen = await look();
      return seen === true
        ? { done: true, value: undefined }
        : { done: false, seen: `${seen}\n${this.log.slice(-20).join("")}` };
    });
  }

  async deploymentsEnd(): Promise<void> {
    await this.eventually("the end of all deployments", async () => {
      const { body } = await this.call("GET", "/v2/deployments");
      return body.length === 0 ? true : JSON.stringify((await this.call("GET", "/v2/queue")).body);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
