import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { freePort } from "./ports";

const server = "/usr/sbin/sshd";

/** Why there can be no real ssh server here; undefined where there can. */
export const noSshd = existsSync(server) ? undefined : `${server} is not there (openssh-server)`;

/**
 * What `ssh` is for a test: in front of the real one on PATH, a program that reads the test's own configuration, or runs
 * the command on this machine.
 */
export class TestSsh {
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-ssh-"));
  private readonly path = process.env.PATH ?? "";
  private child: ChildProcess | undefined;
  private port = 0;

  /** A real server on the loopback, where the docker command finds its daemon at `dockerHost`. */
  async serve(dockerHost: string): Promise<void> {
    this.port = await freePort();
    for (const key of ["host", "user"])
      await execOrThrow(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", this.file(key)]);
    await copyFile(this.file("user.pub"), this.file("authorized"));
    const known = `[127.0.0.1]:${this.port} ${await readFile(this.file("host.pub"), "utf8")}`;
    await writeFile(this.file("known"), known);
    await this.config("server", [
      `Port ${this.port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${this.file("host")}`,
      `AuthorizedKeysFile ${this.file("authorized")}`,
      `PidFile ${this.file("pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      `SetEnv DOCKER_HOST=${dockerHost} PATH=${this.path}`,
    ]);
    await this.config("client", [
      `UserKnownHostsFile ${this.file("known")}`,
      `IdentityFile ${this.file("user")}`,
      "IdentitiesOnly yes",
    ]);
    await this.replace(`exec /usr/bin/ssh -F ${this.file("client")} "$@"`);
    // The server needs its folder, which a distribution makes when it starts its service.
    await mkdir("/run/sshd", { recursive: true });
    this.child = spawn(server, ["-D", "-e", "-f", this.file("server")], { stdio: "ignore" });
    await waitFor({ what: "sshd to listen", timeoutMs: 15_000 }, () => this.listens());
  }

  /** No server: what comes after the host of the command line runs here. */
  async pretend(dockerHost: string): Promise<void> {
    const run = `DOCKER_HOST=${dockerHost} PATH=${this.path} exec "$@"`;
    const lines = ['while [ "$1" != "--" ]; do shift; done', "shift 2", run];
    await this.replace(lines.join("\n"));
  }

  /** Nobody is let in. */
  async refuse(): Promise<void> {
    await this.replace('echo "ops@host: Permission denied (publickey)." >&2\nexit 255');
  }

  url(): string {
    return `ssh://root@127.0.0.1:${this.port || 22}`;
  }

  async down(): Promise<void> {
    process.env.PATH = this.path;
    if (this.child !== undefined && this.child.exitCode === null) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private file(name: string): string {
    return join(this.folder, name);
  }

  private config(name: string, lines: readonly string[]): Promise<void> {
    return writeFile(this.file(name), `${lines.join("\n")}\n`);
  }

  private async replace(script: string): Promise<void> {
    const bin = this.file("bin");
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, "ssh"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${bin}:${this.path}`;
  }

  private async listens() {
    const socket = connect(this.port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return { done: true, value: undefined } as const;
    } catch (thrown) {
      return { done: false, seen: String(thrown) } as const;
    } finally {
      socket.destroy();
    }
  }
}
