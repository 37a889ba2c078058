import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { messageOf } from "../../util/errors";
import { listen, type RunningServer, readBody } from "../common/http";
import type { AdminRouterConfig } from "./config";
import type { Cosmos } from "./cosmos/cosmos";
import type { Auth } from "./router/auth";
import { enumerate } from "./router/dns";
import type { Faults } from "./router/faults";
import { foreignRequest } from "./router/origin";
import { forward, sendHtml, sendJson, sendPage, sendText } from "./router/proxy";
import type { Services } from "./router/services";
import { spoil } from "./router/spoil";

/** The release that the cluster says it is, with Marathon 1.11's API and without a Calico of its own. */
const defaultVersion = "2.0.6";

export interface AdminRouterParts {
  readonly marathonUrl: string;
  readonly mesosUrl: string;
  readonly cosmos: Cosmos;
  readonly services: Services;
  /** Without it everyone may come in. */
  readonly auth: Auth | undefined;
  readonly faults: Faults | undefined;
}

/** Parts of the system that `/system/health/v1/units` lists; whoever answers here runs them all. */
const units = ["adminrouter", "cosmos", "marathon", "mesos-dns", "mesos-master"];

/** Serves a cluster's one address for users until closed (DC/OS: "Admin Router"). */
export function startAdminRouter(
  config: AdminRouterConfig,
  parts: AdminRouterParts,
): Promise<RunningServer> {
  const router = new AdminRouter(config, parts);
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    router.handle(incoming, outgoing).catch((thrown: unknown) => {
      process.stderr.write(`admin router: ${incoming.url}: ${messageOf(thrown)}\n`);
      if (outgoing.headersSent) outgoing.destroy();
      else sendHtml(outgoing, 502, "Bad Gateway");
    });
  };
  const { tls } = config;
  const server: Server =
    tls === undefined
      ? createServer(handle)
      : createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, handle);
  return listen(server, config);
}

class AdminRouter {
  constructor(
    private readonly config: AdminRouterConfig,
    private readonly parts: AdminRouterParts,
  ) {}

  async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const target = incoming.url ?? "/";
    const path = target.split("?")[0] ?? "/";
    const { auth, faults } = this.parts;
    const foreign = foreignRequest(incoming.headers);
    if (foreign !== undefined) {
      sendHtml(outgoing, foreign.status, foreign.why);
      return;
    }
    const challenge = auth?.challenge ?? "oauthjwt";
    const fault = faults?.take(incoming.method ?? "GET", path);
    if (fault !== undefined && !(await spoil(fault, incoming, outgoing, challenge))) return;
    if (path === "/acs/api/v1/auth/login" && auth !== undefined) {
      const { status, body, headers } = auth.login(await readBody(incoming));
      sendJson(outgoing, status, body, headers);
      return;
    }
    if (path === "/dcos-metadata/dcos-version.json") {
      const version = this.config.version ?? defaultVersion;
      sendJson(outgoing, 200, {
        version,
        "dcos-variant": "open",
        "dcos-image-commit": "stand-in",
        "bootstrap-id": "stand-in",
      });
      return;
    }
    const verdict = auth?.judge(incoming.headers) ?? "allowed";
    if (verdict === "unknown") {
      sendPage(outgoing, 401, "Unauthorized", { "WWW-Authenticate": challenge });
    } else if (verdict === "forbidden") sendPage(outgoing, 403, "Access Denied");
    else await this.route(incoming, outgoing, target, path);
  }

  private async route(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    target: string,
    path: string,
  ): Promise<void> {
    const { marathonUrl, mesosUrl } = this.parts;
    const [, first = ""] = path.split("/");
    if (first === "service") await this.service(incoming, outgoing, target, path);
    else if (path.startsWith("/marathon/")) {
      forward(incoming, outgoing, marathonUrl, target.slice("/marathon".length));
    } else if (path.startsWith("/mesos/")) {
      forward(incoming, outgoing, mesosUrl, target.slice("/mesos".length));
    } else if (first === "marathon") {
      this.addSlash(outgoing, target, path, { status: 307, title: "Temporary Redirect" });
    } else if (first === "mesos") this.addSlash(outgoing, target, path);
    else if (first === "package" || first === "capabilities") {
      await this.cosmos(incoming, outgoing, path);
    } else if (path.startsWith("/cosmos/service/")) {
      await this.cosmos(incoming, outgoing, path.slice("/cosmos".length));
    } else if (path === "/mesos_dns/v1/enumerate") {
      const response = await fetch(`${mesosUrl}/master/state`);
      sendJson(outgoing, 200, enumerate(await response.json()));
    } else if (path === "/system/health/v1/units") {
      const shown = units.map((name) => ({
        id: `dcos-${name}.service`,
        name: `DC/OS ${name}`,
        health: 0,
        description: "stand-in",
      }));
      sendJson(outgoing, 200, { units: shown });
    } else sendHtml(outgoing, 404, "Not Found");
  }

  private async service(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    target: string,
    path: string,
  ): Promise<void> {
    const found = await this.parts.services.find(path.slice("/service/".length));
    if (found === undefined) sendText(outgoing, 404, "404 Not Found: service not found.\n");
    else if (typeof found === "string") {
      sendText(outgoing, 503, `503 Service Unavailable: invalid ${found} cache\n`);
    } else {
      const { name, upstream } = found;
      const prefix = `/service/${name}`;
      if (path === prefix) this.addSlash(outgoing, target, path);
      else {
        const rest = upstream.rewrites ? target.slice(prefix.length) : target;
        forward(incoming, outgoing, upstream.url, rest);
      }
    }
  }

  private addSlash(
    outgoing: ServerResponse,
    target: string,
    path: string,
    { status, title } = { status: 301, title: "Moved Permanently" },
  ): void {
    const location = `${path}/${target.slice(path.length)}`;
    sendHtml(outgoing, status, title, { Location: location });
  }

  private async cosmos(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    path: string,
  ): Promise<void> {
    const { status, body, contentType } = await this.parts.cosmos.answer({
      method: incoming.method ?? "GET",
      path,
      accept: incoming.headers.accept,
      contentType: incoming.headers["content-type"],
      body: await readBody(incoming),
    });
    sendJson(outgoing, status, body, { "Content-Type": contentType });
  }
}
