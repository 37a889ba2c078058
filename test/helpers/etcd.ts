import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { familyOf } from "../../util/net";
import { waitFor } from "../../util/wait";
import { freePort } from "./ports";

/** An etcd of one member on loopback. */
export class Etcd {
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-etcd-"));
  private server: ChildProcess | undefined;
  endpoint = "";

  /** @param flags more of the command line */
  async up(...flags: readonly string[]): Promise<void> {
    this.endpoint = `http://127.0.0.1:${await freePort()}`;
    const peer = `http://127.0.0.1:${await freePort()}`;
    this.server = spawn(
      "etcd",
      [
        ...["--data-dir", this.folder, "--initial-cluster", `default=${peer}`],
        ...["--listen-client-urls", this.endpoint, "--advertise-client-urls", this.endpoint],
        ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
        ...flags,
      ],
      { stdio: "ignore" },
    );
    await waitFor({ what: "etcd", timeoutMs: 20_000, intervalMs: 100 }, async () => {
      try {
        const { status } = await fetch(`${this.endpoint}/health`);
        return status === 200
          ? { done: true, value: undefined }
          : { done: false, seen: `${status}` };
      } catch {
        return { done: false, seen: "no connection" };
      }
    });
  }

  /** Writes a key. */
  async put(key: string, value: string): Promise<void> {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const body = JSON.stringify({ key: base64(key), value: base64(value) });
    const response = await fetch(`${this.endpoint}/v3/kv/put`, { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
  }

  /** Has a node own a block, as Calico's IPAM writes it. */
  async confirm(node: string, block: string): Promise<void> {
    const key = `/calico/ipam/v2/host/${node}/ipv${familyOf(block)}/block/${block.replace("/", "-")}`;
    await this.put(key, '{"state":"confirmed"}');
  }

  /** Removes all keys that start with the text. */
  async remove(prefix: string): Promise<void> {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const last = prefix.charCodeAt(prefix.length - 1);
    const end = prefix.slice(0, -1) + String.fromCharCode(last + 1);
    const response = await fetch(`${this.endpoint}/v3/kv/deleterange`, {
      method: "POST",
      body: JSON.stringify({ key: base64(prefix), range_end: base64(end) }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  async down(): Promise<void> {
    if (this.server !== undefined && this.server.exitCode === null) {
      const gone = once(this.server, "exit");
      this.server.kill("SIGTERM");
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
