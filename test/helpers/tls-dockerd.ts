import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePki } from "../../lab/hosts/pki";
import { unmountAt } from "../../lab/machine/docker";
import { exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { freePort } from "./ports";

/** A Docker daemon for one test file that asks for certificates on the loopback; it makes no networks and no rules. */
export class TlsDocker {
  readonly folder = mkdtempSync(join(tmpdir(), "seamless-tls-"));
  readonly socket = `unix://${join(this.folder, "docker.sock")}`;
  private child: ChildProcess | undefined;
  private port = 0;

  /** Where it listens with TLS. */
  get host(): string {
    return `tcp://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    this.port = await freePort();
    const own = await this.certificates("server", ["IP:127.0.0.1"]);
    const log = openSync(join(this.folder, "log"), "w");
    const [data, run] = [join(this.folder, "data"), join(this.folder, "run")];
    await writeFile(join(this.folder, "config.json"), "{}\n");
    const flags = [
      ...["--host", this.host, "--host", this.socket, "--tlsverify"],
      ...["--tlscacert", join(own, "ca.pem")],
      ...["--tlscert", join(own, "cert.pem"), "--tlskey", join(own, "key.pem")],
      ...["--config-file", join(this.folder, "config.json"), "--data-root", data],
      ...["--exec-root", run, "--pidfile", join(this.folder, "pid")],
      ...["--bridge", "none", "--iptables=false", "--ip6tables=false"],
      ...[`--add-runtime=seamless=${join(toolsBin(), "lab-runc")}`, "--default-runtime=seamless"],
    ];
    this.child = spawn("dockerd", flags, { stdio: ["ignore", log, log] });
    closeSync(log);
    await waitFor({ what: "dockerd to answer", timeoutMs: 60_000 }, async () => {
      const result = await exec(["docker", "--host", this.socket, "version"]);
      if (result.code === 0) return { done: true, value: undefined };
      if (this.child?.exitCode !== null)
        throw new Error(readFileSync(join(this.folder, "log"), "utf8").slice(-2000));
      return { done: false, seen: result.stderr };
    });
  }

  async down(): Promise<void> {
    if (this.child !== undefined && this.child.exitCode === null) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await gone;
    }
    await unmountAt(join(this.folder, "run"));
    await unmountAt(join(this.folder, "data"));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A folder with ca.pem, cert.pem and key.pem, all of one authority for each name of `authority`. */
  async certificates(
    name: string,
    names: readonly string[] = [],
    authority = "own",
  ): Promise<string> {
    const request = { [name]: { commonName: name, ...(names.length === 0 ? {} : { names }) } };
    const pki = await makePki(join(this.folder, `pki-${authority}`), request);
    const leaf = pki.leaves[name];
    if (leaf === undefined) throw new Error(`no certificate for ${name}`);
    const folder = join(this.folder, `${authority}-${name}`);
    await mkdir(folder);
    await writeFile(join(folder, "ca.pem"), pki.authority);
    await writeFile(join(folder, "cert.pem"), leaf.certificate);
    await writeFile(join(folder, "key.pem"), leaf.privateKey, { mode: 0o600 });
    return folder;
  }
}
