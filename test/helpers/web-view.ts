import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { webViewArgs } from "../../components/kubernetes/addons/kube-web-view";
import { dashboard, dashboardSystem } from "../../components/kubernetes/lab/images";
import { pythonPackages } from "../../components/kubernetes/lab/python";
import { rootArchive } from "../../util/debian";
import { execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { freePort } from "./ports";

/** Where a pod finds who it is ("Accessing the Kubernetes API from a Pod" of the Kubernetes documentation). */
const accountFolder = "var/run/secrets/kubernetes.io/serviceaccount";

/** What a pod is given to reach the API. */
export interface PodAccount {
  readonly host: string;
  readonly port: number;
  readonly authority: string;
  readonly token: string;
}

/** The dashboard of the lab's image, run on its root file system as in a pod, but with the machine's network. */
export class WebView {
  private readonly root = mkdtempSync(join(tmpdir(), "seamless-web-view-"));
  private child: ChildProcess | undefined;
  private said = "";
  url = "";

  async up(account: PodAccount): Promise<void> {
    const quiet = () => undefined;
    const archive = await rootArchive(dashboardSystem, quiet);
    await execOrThrow(["tar", "--extract", "--file", archive, "--directory", this.root]);
    cpSync(await pythonPackages(quiet), join(this.root, dashboard.packages), { recursive: true });
    const folder = join(this.root, accountFolder);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "namespace"), "kubernetes-dashboard");
    this.setToken(account.token);
    writeFileSync(join(folder, "ca.crt"), account.authority);
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.child = spawn("chroot", [this.root, ...dashboard.command, ...webViewArgs(port)], {
      env: {
        PATH: process.env.PATH,
        ...dashboard.environment,
        KUBERNETES_SERVICE_HOST: account.host,
        KUBERNETES_SERVICE_PORT: `${account.port}`,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.said = chunk.toString("utf8").trim();
    });
    await waitFor({ what: "the dashboard", timeoutMs: 30_000 }, async () => {
      const answered = await fetch(`${this.url}/health`).catch(() => undefined);
      return answered?.ok === true
        ? { done: true, value: undefined }
        : { done: false, seen: this.said || "nothing said" };
    });
  }

  /** What the kubelet does before a token runs out. */
  setToken(token: string): void {
    writeFileSync(join(this.root, accountFolder, "token"), token, { mode: 0o600 });
  }

  async down(): Promise<void> {
    const { child } = this;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}
