/**
 * A load balancer for the apps of one Marathon, as the package `marathon-lb` of DC/OS installs it: HAProxy, configured
 * from what Marathon says of its apps and reloaded when Marathon tells of a change.
 *
 *     node dist/standins/dcos/marathon-lb.js sse -m http://master.mesos/service/marathon-user --health-check --group external
 *
 * It needs Debian's `haproxy` and `setpriv`. Its files are in the working folder. For a Marathon that wants a login,
 * `DCOS_SERVICE_ACCOUNT_CREDENTIAL` holds a service account's secret; for HTTPS on port 443, `HAPROXY_SSL_CERT` a
 * certificate with its key, PEM.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf, SeamlessError } from "../../util/errors";
import { serveSocket } from "../common/http";
import { type BalancerArgs, readArgs } from "./lb/args";
import { type BalancerConfig, renderConfig, sockets, type Web } from "./lb/config";
import { Haproxy, near } from "./lb/haproxy";
import { MarathonClient, readCredential } from "./lb/marathon-client";
import { selectServices } from "./lb/select";

const firstRetryMs = 500;
const lastRetryMs = 10_000;
/** Changes that come together are made together. */
const settleMs = 250;
const webPorts = { http: 80, https: 443 } as const;

class Balancer {
  private readonly haproxy: Haproxy;
  private readonly stopping = new AbortController();
  private text = "";
  private notes = "";
  private wanted = false;
  private refreshing = false;

  constructor(
    private readonly args: BalancerArgs,
    private readonly client: MarathonClient,
    private readonly dir: string,
    private readonly web: Web | undefined,
  ) {
    this.haproxy = new Haproxy(dir, (how) => {
      log(`HAProxy has ended: ${how}`);
      process.exit(1);
    });
  }

  /** Serves until stopped; without Marathon what it said last, and nothing at first. */
  async run(): Promise<void> {
    await serveSocket(near(join(this.dir, sockets.control)), ({ path }) =>
      path === "/_haproxy_getconfig"
        ? { status: 200, text: this.text }
        : { status: 404, text: `No ${path} here\n` },
    );
    await this.configure({ apps: [] });
    log(`following ${this.args.marathon}`);
    let delayMs = firstRetryMs;
    while (!this.stopping.signal.aborted) {
      try {
        await this.client.follow((type) => {
          delayMs = firstRetryMs;
          // The two are about listeners like this one.
          if (!type.startsWith("event_stream_")) this.soon();
        }, this.stopping.signal);
      } catch (thrown) {
        if (this.stopping.signal.aborted) return;
        log(`${messageOf(thrown)}; trying again in ${delayMs} ms`);
      }
      await pause(delayMs);
      delayMs = Math.min(2 * delayMs, lastRetryMs);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.haproxy.stop();
  }

  private soon(): void {
    this.wanted = true;
    if (!this.refreshing) void this.refresh();
  }

  private async refresh(): Promise<void> {
    this.refreshing = true;
    const { reloadRetries, reloadIntervalSeconds } = this.args;
    let failures = 0;
    while (this.wanted && !this.stopping.signal.aborted) {
      this.wanted = false;
      await pause(settleMs);
      try {
        await this.configure(await this.client.apps());
        failures = 0;
      } catch (thrown) {
        failures += 1;
        log(messageOf(thrown));
        if (failures > reloadRetries) break;
        await pause(reloadIntervalSeconds * 1000);
        this.wanted = true;
      }
    }
    this.refreshing = false;
  }

  private async configure(apps: unknown): Promise<void> {
    const { args, web } = this;
    const common = web === undefined ? [] : [web.http, ...(web.https ? [web.https.port] : [])];
    const selection = { ...args, taken: [args.statsPort, ...common] };
    const { services, notes } = selectServices(apps, selection);
    const said = notes.join("\n");
    if (said !== this.notes) for (const note of notes) log(note);
    this.notes = said;
    const config: BalancerConfig = {
      bind: args.bind,
      statsPort: args.statsPort,
      ...(web === undefined ? {} : { web }),
      services,
    };
    const text = renderConfig(config);
    if (text === this.text) return;
    await this.haproxy.apply(text);
    this.text = text;
    const all = services.map(({ name, servers }) => `${name} (${servers.length})`).join(", ");
    log(`serving ${all === "" ? "nothing" : all}`);
  }
}

function webOf(args: BalancerArgs, dir: string): Web | undefined {
  if (!args.bindHttpHttps) return undefined;
  const pem = process.env.HAPROXY_SSL_CERT;
  if (pem === undefined || pem === "") return { http: webPorts.http };
  const certificate = join(dir, "certificate.pem");
  writeFileSync(certificate, pem, { mode: 0o600 });
  return { http: webPorts.http, https: { port: webPorts.https, certificate } };
}

function log(message: string): void {
  process.stderr.write(`marathon-lb: ${message}\n`);
}

async function main(): Promise<void> {
  const args = readArgs(process.argv.slice(2));
  const credential = readCredential(process.env.DCOS_SERVICE_ACCOUNT_CREDENTIAL);
  const dir = process.cwd();
  const client = new MarathonClient(args.marathon, credential);
  const balancer = new Balancer(args, client, dir, webOf(args, dir));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void balancer.stop().then(() => process.exit(0)));
  }
  await balancer.run();
}

if (require.main === module) {
  main().catch((thrown: unknown) => {
    log(messageOf(thrown));
    process.exit(thrown instanceof SeamlessError ? thrown.code : 1);
  });
}
