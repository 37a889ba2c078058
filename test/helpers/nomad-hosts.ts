import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Passwords, passwordsVariable } from "../../components/reflector/passwords";
import { reflectorShell } from "../../components/reflector/shell";
import type { SshShell } from "../../plan/access";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { type ExecResult, exec } from "../../util/exec";
import { checkoutDir, toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { NomadApi } from "./nomad";
import { PlainHosts } from "./plain-hosts";
import { compileStandIn } from "./stand-in";

/** The token by which the operator asks. */
export const token = "5a6f7c1e-0000-4000-8000-00000000beef";

const unit = (program: string) => `[Unit]
Description=Nomad, stood in for
[Service]
ExecStart=/opt/nomad/node /opt/nomad/dist/standins/nomad/${program}.js /opt/nomad/config.json
ExecReload=/bin/kill -HUP $MAINPID
KillMode=process
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
`;

/**
 * A cluster on hosts of real Debian, behind a real reflector: systemd, sshd, apt, BIRD, nft, CNI's plugins and the libraries
 * that call them are real; stood in for are Nomad's server and its clients. Steps run by the command line, in the network of
 * the hosts.
 */
export class NomadHosts {
  readonly hosts: PlainHosts;
  readonly server: NodePlan;
  readonly clients: readonly NodePlan[];
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-nomad-"));
  private readonly apis: NomadApi[] = [];
  private readonly shells = new Map<string, SshShell>();

  constructor(
    readonly plan: Plan,
    readonly coe: CoePlan,
    private readonly passwords: Passwords = {},
  ) {
    this.hosts = new PlainHosts(plan, passwords);
    const nodes = Object.values(coe.nodes);
    const [server] = nodes.filter(({ role }) => role === "server");
    if (server === undefined) throw new Error("no server in the plan");
    this.server = server;
    this.clients = nodes.filter(({ role }) => role === "client");
  }

  get url(): string {
    return `http://${this.server.address}:4646`;
  }

  async up(): Promise<void> {
    await this.hosts.up();
    this.prepare();
    for (const node of [this.server, ...this.clients]) {
      const isServer = node === this.server;
      await this.give(node.name, isServer ? "server" : "client", this.configOf(node));
      if (isServer) continue;
      this.shells.set(node.name, await this.hosts.shell(node.name, node.address));
    }
  }

  async down(): Promise<void> {
    for (const api of this.apis) await api.close();
    await this.hosts.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The official client, which asks in the network of the hosts. */
  api(): NomadApi {
    const env = { NOMAD_ADDR: this.url, NOMAD_TOKEN: token };
    const made = new NomadApi(this.inside([join(toolsBin(), "nomad-api")]), env);
    this.apis.push(made);
    return made;
  }

  shell(name: string): SshShell {
    const found = this.shells.get(name);
    if (found === undefined) throw new Error(`no shell of ${name}`);
    return found;
  }

  get allShells(): Record<string, SshShell> {
    return Object.fromEntries(this.shells);
  }

  /** Runs a step as an update does. */
  step(
    name: string,
    input: object,
    env: Readonly<Record<string, string>> = { SEAMLESS_NOMAD_TOKEN: token },
  ): Promise<ExecResult> {
    const secrets = { [passwordsVariable]: JSON.stringify(this.passwords) };
    return this.seamless(["internal", name], JSON.stringify(input), { ...secrets, ...env });
  }

  /** Runs the command line. */
  seamless(
    args: readonly string[],
    input = "",
    env: Readonly<Record<string, string>> = {},
  ): Promise<ExecResult> {
    const program = [process.execPath, join(checkoutDir(), "bin/seamless"), ...args];
    return exec(this.inside(program), { input, env, timeoutMs: 180_000 });
  }

  /** Runs a program in the network of the hosts, on none of them. */
  outside(argv: readonly string[]): Promise<ExecResult> {
    return exec(this.inside(argv));
  }

  /** A stack's file with these settings. */
  configFile(settings: Readonly<Record<string, unknown>>): string {
    const file = join(this.folder, "Pulumi.test.yaml");
    const named = Object.entries(settings).map(([name, value]) => [`seamless:${name}`, value]);
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ config: Object.fromEntries(named) }));
    return file;
  }

  /** A file with what a stack of it would have for outputs. */
  outputsFile(): string {
    const file = join(this.folder, "outputs.json");
    const outputs = {
      plan: this.plan,
      access: {
        reflectors: {
          rr: {
            ...reflectorShell("rr", { dockerHost: this.hosts.docker.host }, "gobgp"),
            container: "rr",
          },
        },
        coes: { [this.coe.name]: { url: this.url, token, nodes: this.allShells } },
      },
      probes: [this.coe.name],
    };
    writeFileSync(file, JSON.stringify(outputs));
    return file;
  }

  /** Waits until a look answers something. */
  until<T>(what: string, look: () => Promise<T | undefined>, timeoutMs = 120_000): Promise<T> {
    return waitFor({ what, timeoutMs }, async () => {
      try {
        const value = await look();
        return value === undefined ? { done: false, seen: "nothing" } : { done: true, value };
      } catch (thrown) {
        return { done: false, seen: String(thrown) };
      }
    });
  }

  private inside(argv: readonly string[]): string[] {
    return ["nsenter", `--net=/run/netns/${this.hosts.docker.namespace}`, ...argv];
  }

  private configOf({ name, address }: NodePlan): object {
    if (name === this.server.name)
      return {
        http: { address, port: 4646 },
        rpc: { address, port: 4647 },
        stateDir: "/var/lib/nomad",
        heartbeatMs: 3_000,
        rescheduleMs: 1_000,
        tokens: { [token]: { write: true } },
      };
    return {
      ...{ name, address, server: `http://${this.server.address}:4647` },
      dataDir: "/var/lib/nomad",
      cniPath: "/opt/cni/bin",
      cniProgram: "/opt/nomad/nomad-cni",
      restartMs: 500,
      reportMs: 250,
    };
  }

  private prepare(): void {
    const nomad = join(this.folder, "nomad");
    const cni = join(this.folder, "cni/bin");
    mkdirSync(cni, { recursive: true });
    compileStandIn("nomad", join(nomad, "dist"));
    copyFileSync(process.execPath, join(nomad, "node"));
    for (const name of ["nomad-cni", "lab-probe"])
      copyFileSync(realpathSync(join(toolsBin(), name)), join(nomad, name));
    for (const name of ["bridge", "host-local", "portmap"])
      copyFileSync(realpathSync(join(toolsBin(), `cni-${name}`)), join(cni, name));
  }

  private async give(name: string, program: string, config: object): Promise<void> {
    const { docker } = this.hosts;
    const copy = (from: string, to: string) => docker.docker("cp", from, `${name}:${to}`);
    await copy(join(this.folder, "nomad"), "/opt/nomad");
    if (program === "client") await copy(join(this.folder, "cni"), "/opt/cni");
    for (const [path, text] of [
      ["/opt/nomad/config.json", JSON.stringify(config)],
      ["/etc/systemd/system/nomad.service", unit(program)],
    ] as const) {
      const file = join(this.folder, "given");
      writeFileSync(file, text);
      await copy(file, path);
    }
    await this.hosts.on(name, "systemctl", "enable", "--now", "nomad.service");
  }
}
