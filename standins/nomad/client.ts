import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { messageOf, SeamlessError } from "../../util/errors";
import { isRecord } from "../../util/json";
import { Reporter } from "../common/reporter";
import { readJson, writeJson } from "../common/store";
import { Allocation, type AllocFile, type Around } from "./client/allocation";
import { checksNetworks, fingerprint } from "./client/fingerprint";
import { type ClientConfig, readClientConfig } from "./config";
import { type AllocOrder, type ClientReport, isOrders, type NodeReport } from "./protocol";

/** Runs allocations as the server says until stopped. They outlive it, and are taken up again. */
class Client {
  private readonly allocs = new Map<string, Allocation>();
  private readonly reporter: Reporter<readonly AllocOrder[]>;

  private constructor(
    private readonly config: ClientConfig,
    private node: NodeReport,
  ) {
    const { server, reportMs } = config;
    this.reporter = new Reporter({
      ...{ at: server, url: `${server}/report`, everyMs: reportMs, log },
      report: () => this.report(),
      read(answer) {
        if (!isOrders(answer)) throw new Error("the answer names no allocations");
        return answer.allocs;
      },
      obey: (orders) => this.obey(orders),
    });
  }

  /** @throws Error where a CNI file cannot be read: a real client does not start then either */
  static async start(config: ClientConfig): Promise<Client> {
    for (const name of ["alloc", "allocs"])
      mkdirSync(join(config.dataDir, name), { recursive: true });
    let node: NodeReport;
    try {
      node = await fingerprint(config, nodeId(config));
    } catch (thrown) {
      throw new Error(`fingerprinting failed: ${messageOf(thrown)}`);
    }
    const client = new Client(config, node);
    client.takeUp();
    client.reporter.start();
    return client;
  }

  /** Looks at the node again, as on SIGHUP. What cannot be read leaves all as it was. */
  async reload(): Promise<void> {
    try {
      this.node = await fingerprint(this.config, this.node.id);
      log(`reloaded; networks: ${this.node.networks.join(", ") || "none"}`);
      this.reporter.soon();
    } catch (thrown) {
      log(`reload: ${messageOf(thrown)}`);
    }
  }

  stop(): void {
    this.reporter.stop();
    for (const alloc of this.allocs.values()) alloc.release();
  }

  private takeUp(): void {
    const dir = join(this.config.dataDir, "allocs");
    for (const name of readdirSync(dir)) {
      const file = readJson(join(dir, name));
      if (!isAllocFile(file)) continue;
      this.allocs.set(file.order.id, Allocation.adopt(this.config, file, this.around()));
    }
  }

  private around(): Around {
    return { changed: () => this.reporter.soon(), checks: () => checksNetworks(this.node) };
  }

  private report(): ClientReport {
    return { node: this.node, allocs: [...this.allocs.values()].map((one) => one.report()) };
  }

  private obey(orders: readonly AllocOrder[]): void {
    const wanted = new Map(orders.map((order) => [order.id, order]));
    for (const [id, order] of wanted) {
      const alloc = this.allocs.get(id);
      if (alloc !== undefined && order.stop) alloc.stop();
      if (alloc !== undefined || order.stop) continue;
      log(`starting ${order.name} (${id})`);
      this.allocs.set(id, Allocation.run(this.config, order, this.around()));
    }
    for (const [id, alloc] of [...this.allocs]) {
      if (wanted.has(id) && !(wanted.get(id)?.stop === true && alloc.ended)) continue;
      if (!alloc.ended) alloc.stop();
      else {
        alloc.forget();
        this.allocs.delete(id);
      }
    }
  }
}

/** The node's id is made once. */
function nodeId(config: ClientConfig): string {
  const file = join(config.dataDir, "client-id.json");
  const known = readJson(file);
  if (isRecord(known) && typeof known.id === "string") return known.id;
  const id = randomUUID();
  writeJson(file, { id });
  return id;
}

/** Written by this program alone, hence looked at no closer than to tell a foreign file. */
function isAllocFile(value: unknown): value is AllocFile {
  return isRecord(value) && isRecord(value.order) && isRecord(value.report);
}

function log(message: string): void {
  process.stderr.write(`nomad client: ${message}\n`);
}

async function main(): Promise<void> {
  const client = await Client.start(readClientConfig(process.argv[2]));
  process.on("SIGHUP", () => void client.reload());
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => {
      client.stop();
      process.exit(0);
    });
}

if (require.main === module) {
  main().catch((thrown: unknown) => {
    log(messageOf(thrown));
    process.exit(thrown instanceof SeamlessError ? thrown.code : 1);
  });
}
