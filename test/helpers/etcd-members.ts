/** The members of DC/OS's package etcd, run as its own specification says, each on a host of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Mustache from "mustache";
import { parse } from "yaml";
import { z } from "zod";
import { makePki } from "../../lab/hosts/pki";
import { type ExecResult, exec, execOrThrow } from "../../util/exec";
import { sharedText } from "./shared";

const service = "etcd";
const zone = `${service}.autoip.dcos.thisdcos.directory`;
const addressOf = (index: number) => `10.77.0.${41 + index}`;
const nameOf = (index: number) => `etcd-${index}-node`;
const indexes = [0, 1, 2];

/** What the package's specification has its members run, by the environment of its scheduler. */
function commandOf(env: Readonly<Record<string, string>>): string {
  // The SDK takes these texts for what they say.
  const view = Object.entries(env).map(([name, value]) => [
    name,
    value === "true" || value === "false" ? value === "true" : value,
  ]);
  const text = sharedText("dcos-conformance", "etcd", "svc.yml");
  const task = z.object({ node: z.object({ cmd: z.string() }) });
  const spec = z.object({ pods: z.object({ etcd: z.object({ tasks: task }) }) });
  const rendered = Mustache.render(text, Object.fromEntries(view), {}, { escape: String });
  return spec.parse(parse(rendered)).pods.etcd.tasks.node.cmd;
}

/**
 * Three members in network namespaces of their own on one switch, from which clients ask. Certificates are as the DC/OS
 * SDK asks its authority for them: each for the name of a task.
 */
export class EtcdMembers {
  readonly folder = mkdtempSync(join(tmpdir(), "seamless-members-"));
  /** Of the authority, and of a client that it has signed, which has no name in any DNS. */
  readonly files = {
    authority: join(this.folder, "pki", "ca.crt"),
    certificate: join(this.folder, "pki", "client.crt"),
    key: join(this.folder, "pki", "client.key"),
  };
  private readonly spaces: string[] = [];
  private readonly children: ChildProcess[] = [];

  async up(env: Readonly<Record<string, string>>): Promise<void> {
    const names = (index: number) => [`DNS:${nameOf(index)}.${zone}`];
    await makePki(join(this.folder, "pki"), {
      client: { commonName: "client" },
      ...Object.fromEntries(
        indexes.map((index) => [
          nameOf(index),
          { commonName: `${nameOf(index)}.${service}`, names: names(index) },
        ]),
      ),
    });
    const hosts = indexes.map((index) => `${addressOf(index)} ${nameOf(index)}.${zone}`);
    writeFileSync(join(this.folder, "hosts"), ["127.0.0.1 localhost", ...hosts, ""].join("\n"));
    await this.space("switch");
    await this.ip("switch", "link", "add", "lan", "type", "bridge");
    await this.ip("switch", "link", "set", "lan", "up");
    await this.ip("switch", "address", "add", "10.77.0.1/24", "dev", "lan");
    for (const index of indexes) await this.member(index, env);
  }

  private async member(index: number, env: Readonly<Record<string, string>>): Promise<void> {
    const name = nameOf(index);
    await this.space(name);
    const link = ["link", "add", name, "type", "veth", "peer", "eth0"];
    await this.ip("switch", ...link, "netns", this.spaceOf(name));
    await this.ip("switch", "link", "set", name, "master", "lan", "up");
    await this.ip(name, "address", "add", `${addressOf(index)}/24`, "dev", "eth0");
    await this.ip(name, "link", "set", "eth0", "up");
    const sandbox = join(this.folder, name);
    mkdirSync(join(sandbox, "etcd-data"), { recursive: true });
    // Where the package fetches etcd there is this machine's.
    mkdirSync(join(sandbox, "etcd-fetched"));
    const programs = { "etcd-fetched/etcd": "etcd", "etcd-fetched/etcdctl": "false" };
    for (const [file, program] of Object.entries({ ...programs, bootstrap: "true" })) {
      writeFileSync(join(sandbox, file), `#!/bin/sh\nexec ${program} "$@"\n`);
      chmodSync(join(sandbox, file), 0o755);
    }
    const pki = join(this.folder, "pki");
    const copies = [`${name}.crt`, `${name}.key`, "ca.crt"].map((file) => join(pki, file));
    const kept = ["node.crt", "node.key", "node.ca"].map((file) => join(sandbox, file));
    for (const [i, file] of copies.entries()) await execOrThrow(["cp", file, kept[i] ?? ""]);
    const [file = "", ...args] = this.inside(name, ["bash", "-c", commandOf(env)]);
    const child = spawn(file, args, {
      cwd: sandbox,
      stdio: "ignore",
      env: {
        ...process.env,
        ...env,
        FRAMEWORK_HOST: zone,
        FRAMEWORK_VIP_HOST: `${service}.l4lb.thisdcos.directory`,
        TASK_NAME: name,
        POD_INSTANCE_INDEX: String(index),
        MESOS_SANDBOX: sandbox,
        MESOS_CONTAINER_IP: addressOf(index),
      },
    });
    this.children.push(child);
  }

  /** Runs a program beside the members, where their names are known. */
  run(
    argv: readonly string[],
    options: { env?: Readonly<Record<string, string>>; input?: string; cwd?: string } = {},
  ): Promise<ExecResult> {
    return exec(this.inside("switch", argv), { timeoutMs: 180_000, ...options });
  }

  /** Starts a program there that runs until the end. */
  start(argv: readonly string[]): void {
    const [file = "", ...args] = this.inside("switch", argv);
    this.children.push(spawn(file, args, { stdio: "ignore" }));
  }

  private inside(host: string, argv: readonly string[]): string[] {
    const bind = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
    return [
      ...["nsenter", `--net=/run/netns/${this.spaceOf(host)}`, "unshare", "--mount"],
      ...["sh", "-c", bind, "sh", join(this.folder, "hosts"), ...argv],
    ];
  }

  private spaceOf(host: string): string {
    return `sm${process.pid}-${host}`;
  }

  private async space(host: string): Promise<void> {
    this.spaces.push(this.spaceOf(host));
    await execOrThrow(["ip", "netns", "add", this.spaceOf(host)]);
    await this.ip(host, "link", "set", "lo", "up");
  }

  private async ip(host: string, ...args: readonly string[]): Promise<void> {
    await execOrThrow(["ip", "-n", this.spaceOf(host), ...args]);
  }

  async down(): Promise<void> {
    for (const space of this.spaces) {
      const { stdout } = await exec(["ip", "netns", "pids", space]);
      for (const pid of stdout.split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
    }
    for (const child of this.children) {
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    for (const space of this.spaces) await exec(["ip", "netns", "delete", space]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
