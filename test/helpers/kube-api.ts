import { type ChildProcess, spawn } from "node:child_process";
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type ExecResult, exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { end } from "./end";
import { freePort } from "./ports";

/** A Kubernetes API on loopback: etcd, kube-apiserver and the collector of garbage, without which no delete ends. */
export class KubeApi {
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-kube-"));
  private readonly children: ChildProcess[] = [];
  private server: ChildProcess | undefined;
  private serverArgs: readonly string[] = [];
  readonly kubeconfigFile = join(this.folder, "kubeconfig");
  /** Text of the kubeconfig. */
  kubeconfig = "";
  /** At 127.0.0.1. */
  port = 0;

  async up(): Promise<void> {
    const etcd = `http://127.0.0.1:${await freePort()}`;
    const peer = `http://127.0.0.1:${await freePort()}`;
    this.port = await freePort();
    const { port } = this;
    this.start("etcd", [
      ...["--data-dir", join(this.folder, "etcd"), "--initial-cluster", `default=${peer}`],
      ...["--listen-client-urls", etcd, "--advertise-client-urls", etcd],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
    ]);
    const token = createHash("sha256").update(randomBytes(32)).digest("hex");
    const tokens = this.file("tokens.csv", `${token},admin,1,system:masters\n`);
    const key = this.file(
      "service-account.key",
      generateKeyPairSync("rsa", {
        modulusLength: 2048,
        privateKeyEncoding: { type: "pkcs1", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      }).privateKey,
    );
    this.serverArgs = [
      ...[`--etcd-servers=${etcd}`, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"],
      ...[`--secure-port=${port}`, `--cert-dir=${join(this.folder, "tls")}`],
      ...[`--token-auth-file=${tokens}`, "--authorization-mode=RBAC"],
      ...["--service-account-issuer=https://kubernetes.default.svc"],
      ...[`--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`],
      ...["--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none"],
    ];
    const cluster = { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    this.kubeconfig = stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      clusters: [{ name: "test", cluster }],
      users: [{ name: "test", user: { token } }],
    });
    this.file("kubeconfig", this.kubeconfig);
    await this.startServer();
    this.start(join(toolsBin(), "kube-controller-manager"), [
      ...[`--kubeconfig=${this.kubeconfigFile}`, "--leader-elect=false", "--secure-port=0"],
      ...["--controllers=garbage-collector-controller,namespace-controller"],
    ]);
  }

  /** Starts the API server, and waits until it answers. */
  async startServer(): Promise<void> {
    this.server = this.start(join(toolsBin(), "kube-apiserver"), this.serverArgs);
    await waitFor({ what: "the Kubernetes API", timeoutMs: 60_000 }, async () => {
      const { code, stderr } = await this.kubectl("get", "--raw", "/readyz");
      return code === 0 ? { done: true, value: undefined } : { done: false, seen: stderr.trim() };
    });
  }

  /** Ends the API server: nobody listens at its port any more. */
  async stopServer(): Promise<void> {
    if (this.server !== undefined) await end(this.server);
  }

  /** Lets the API server hang: connections are taken, and never answered. */
  freeze(): void {
    this.server?.kill("SIGSTOP");
  }

  thaw(): void {
    this.server?.kill("SIGCONT");
  }

  async down(): Promise<void> {
    for (const child of this.children.reverse()) await end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }

  kubectl(...args: readonly string[]): Promise<ExecResult> {
    const kubectl = [join(toolsBin(), "kubectl"), `--kubeconfig=${this.kubeconfigFile}`];
    return exec([...kubectl, "--request-timeout=20s", ...args]);
  }

  /** Text of a kubeconfig by which an account of the cluster asks. */
  async kubeconfigOf(namespace: string, account: string): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(
      ...["create", "token", account, `--namespace=${namespace}`],
    );
    if (code !== 0) throw new Error(stderr);
    return stringify({
      ...parse(this.kubeconfig),
      users: [{ name: "test", user: { token: stdout.trim() } }],
    });
  }

  /** The certificates by which the API server is known, which it signs itself. */
  authority(): string {
    return readFileSync(join(this.folder, "tls", "apiserver.crt"), "utf8");
  }

  /** Writes a file for kubectl. @returns its path */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  private start(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: "ignore" });
    this.children.push(child);
    return child;
  }
}
