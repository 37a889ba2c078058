/**
 * A DC/OS cluster in this process: Admin Router's login and pages, Cosmos, the root Marathon, and Mesos's state, in the
 * shapes that are documented for them. It runs nothing; deployments take as many looks at them as a test says.
 */
import * as http from "node:http";
import * as https from "node:https";
import { json } from "node:stream/consumers";
import { z } from "zod";
import {
  type App,
  cosmosPaths,
  described,
  encode,
  type FakePackage,
  type Json,
  listed,
  media,
  objectOf,
  ok,
  page,
  portOf,
  type Reply,
  refusal,
  send,
  signedBy,
  unknownService,
} from "./fake-dcos-replies";

export interface Fault {
  /** Beginning of `METHOD /path`. */
  readonly on: string;
  /** How many requests it meets. Default: all. */
  times?: number;
  /** Requests that it lets pass before. Default: none. */
  after?: number;
  readonly answer:
    | { readonly status: number; readonly body: string; readonly type?: string }
    /** The beginning of the true answer, then the end of the connection. */
    | "cut off"
    /** The beginning of the true answer, as if that were all. */
    | "half"
    | "hang"
    /** The request is carried out, the answer lost. */
    | "lost";
}

export class FakeDcos {
  readonly packages = new Map<string, readonly FakePackage[]>();
  readonly apps = new Map<string, App>();
  readonly frameworks: { id: string; name: string; active: boolean; tasks: Json[] }[] = [];
  /** Apps of services that are Marathons themselves, and plans of schedulers, by the service's name. */
  readonly guests = new Map<string, Json[]>();
  readonly plans = new Map<string, Json>();
  readonly repositories = [{ name: "Universe", uri: "https://universe.example.com/repo" }];
  readonly faults: Fault[] = [];
  /** `METHOD /path` of everything that was asked, in order. */
  readonly requests: string[] = [];
  /** Tokens that are taken; undefined when none is asked for. */
  tokens: Set<string> | undefined;
  passwords: Record<string, string> = {};
  publicKeys: Record<string, string> = {};
  /** How often Marathon's deployments can be looked at before they end. */
  looks = 1;
  /** A deployment that never ends has this in the queue. */
  stalled: Json[] = [];
  /** What a finished deployment does in place of succeeding. */
  rollBack: "old app" | "no app" | undefined;
  /** How often an app of a scheduler made with the SDK can be looked at after it was uninstalled. */
  lingers = 0;
  /** Whether frameworks stay when their app goes. */
  frameworksStay = false;
  /** Whether versions can be changed in place. */
  upgrades = false;
  private readonly leaving = new Map<string, number>();
  private readonly pending: { id: string; app: string; looks: number; end: () => void }[] = [];
  private count = 0;
  private server: http.Server | undefined;
  url = "";

  async start(tls?: { readonly key: string; readonly cert: string }): Promise<this> {
    const handle = (request: http.IncomingMessage, response: http.ServerResponse) =>
      void this.handle(request, response).catch((error: unknown) =>
        response.destroy(Error(`${error}`)),
      );
    this.server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle);
    const server = this.server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.url = `${tls === undefined ? "http" : "https"}://127.0.0.1:${portOf(server)}`;
    return this;
  }

  stop(): Promise<void> {
    this.server?.closeAllConnections();
    return new Promise((resolve) => this.server?.close(() => resolve()) ?? resolve());
  }

  /** Locks an app by a deployment of somebody else's. */
  lock(app: string, looks: number): void {
    this.pending.push({ id: "theirs", app, looks, end: () => undefined });
  }

  /** The app as a user, or another program, changes it at Marathon. */
  change(id: string, change: Json): void {
    const app = this.apps.get(id);
    if (app === undefined) throw new Error(`no app ${id}`);
    this.apps.set(id, { ...app, ...change });
  }

  private async handle(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? "", this.url);
    const what = `${request.method} ${url.pathname}`;
    this.requests.push(what);
    const body = request.method === "POST" || request.method === "PUT" ? await json(request) : {};
    const fault = this.faultOf(what);
    if (fault === "hang") return;
    if (typeof fault === "object") return send(response, fault.status, fault.body, fault.type);
    const reply = this.reply(request, url, objectOf(body));
    const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
    const half = text.slice(0, text.length / 2);
    if (fault === "lost") return void response.destroy();
    if (fault === "half") return send(response, reply.status, half, reply.type);
    if (fault === undefined) return send(response, reply.status, text, reply.type);
    response.writeHead(reply.status, {
      "Content-Type": reply.type ?? "application/json",
      "Content-Length": text.length,
    });
    response.write(half, () => response.destroy());
  }

  private faultOf(what: string): Fault["answer"] | undefined {
    const fault = this.faults.find((one) => what.startsWith(one.on) && one.times !== 0);
    if (fault === undefined) return undefined;
    if ((fault.after ?? 0) > 0) {
      fault.after = (fault.after ?? 0) - 1;
      return undefined;
    }
    if (fault.times !== undefined) fault.times -= 1;
    return fault.answer;
  }

  private reply(request: http.IncomingMessage, url: URL, body: Json): Reply {
    if (url.pathname === "/acs/api/v1/auth/login") return this.logIn(body);
    const token = /^token=(.*)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (this.tokens !== undefined && !this.tokens.has(token)) return page(401, "Unauthorized");
    const cosmos = cosmosPaths[url.pathname];
    if (cosmos !== undefined) return this.cosmos(request, url.pathname, cosmos, body);
    if (url.pathname === "/mesos/state") return ok({ frameworks: this.frameworks });
    const [, service = "", rest = ""] = /^\/service\/([^/]+)\/(.*)$/.exec(url.pathname) ?? [];
    if (service === "marathon") return this.marathon(request.method ?? "", `/${rest}`);
    if (rest === "v1/plans/deploy" && this.plans.has(service)) return ok(this.plans.get(service));
    const guests = this.guests.get(service);
    if (guests !== undefined && rest === "v2/apps") return ok({ apps: guests });
    if (guests !== undefined) return { status: 500, body: { message: "URI not found" } };
    return unknownService;
  }

  private logIn({ uid, password, token }: Json): Reply {
    const name = String(uid);
    const good =
      (typeof password === "string" && this.passwords[name] === password) ||
      (typeof token === "string" && signedBy(this.publicKeys[name], token, name));
    if (!good) return page(401, "Unauthorized");
    this.count += 1;
    const granted = `${name}-token-${this.count}`;
    this.tokens ??= new Set();
    this.tokens.add(granted);
    return ok({ token: granted });
  }

  private cosmos(
    request: http.IncomingMessage,
    path: string,
    [kind, version, fields]: readonly [string, number, readonly string[]],
    body: Json,
  ): Reply {
    const { accept = "", "content-type": contentType = "" } = request.headers;
    const type = media(`${kind}-response`, version);
    if (request.method !== "POST") return refusal(405, "MethodNotAllowed", "POST only");
    if (contentType !== media(`${kind}-request`, 1) || accept !== type)
      return refusal(400, "NotAcceptable", `${contentType} and ${accept} do not fit`);
    const strange = Object.keys(body).filter((name) => !fields.includes(name));
    if (strange.length > 0) return refusal(400, "JsonDecodingError", strange.join(", "));
    const reply = this.cosmosReply(path, body);
    return reply.status === 200 ? { ...reply, type } : reply;
  }

  private cosmosReply(path: string, body: Json): Reply {
    if (path === "/package/search") {
      const packages = [...this.packages.keys()].map((name) => ({ name }));
      return ok({ packages });
    }
    if (path.startsWith("/package/repository/")) {
      const { name, uri, index } = body;
      const at = this.repositories.findIndex((one) => one.name === name);
      if (path.endsWith("/add"))
        this.repositories.splice(Number(index ?? this.repositories.length), 0, {
          name: String(name),
          uri: String(uri),
        });
      if (path.endsWith("/delete")) this.repositories.splice(at, 1);
      return ok({ repositories: this.repositories });
    }
    const app = this.apps.get(String(body.appId));
    if (path === "/package/list") return ok({ packages: [...this.apps.values()].map(listed) });
    if (path === "/package/uninstall") return this.uninstall(String(body.packageName), app);
    if (path.startsWith("/cosmos/service/")) return this.service(path, body, app);
    const name = String(body.packageName);
    const releases = this.packages.get(name);
    if (releases === undefined)
      return refusal(400, "PackageNotFound", `Package [${name}] not found`);
    if (path === "/package/list-versions")
      return ok({
        results: Object.fromEntries(releases.map((r) => [r.version, `${r.releaseVersion}`])),
      });
    const newest = [...releases].sort((a, b) => b.releaseVersion - a.releaseVersion);
    const asked = (one: FakePackage) => one.version === (body.packageVersion ?? one.version);
    const release = newest.find(asked);
    if (release === undefined)
      return refusal(
        400,
        "VersionNotFound",
        `Version [${body.packageVersion}] of package [${name}] not found`,
      );
    if (path === "/package/describe") return ok({ package: described(name, release) });
    const rendered = this.rendered(name, release, body);
    if (path === "/package/render") return ok({ marathonJson: rendered });
    if (this.apps.has(rendered.id) || this.pending.some((one) => one.app === rendered.id))
      return refusal(409, "PackageAlreadyInstalled", "Package is already installed");
    this.deploy(rendered);
    return ok({ packageName: name, packageVersion: release.version, appId: rendered.id });
  }

  private service(path: string, body: Json, app: App | undefined): Reply {
    const name = app?.labels.DCOS_PACKAGE_NAME ?? "";
    const releases = this.packages.get(name) ?? [];
    const current = releases.find((one) => one.version === app?.labels.DCOS_PACKAGE_VERSION);
    if (app === undefined || current === undefined)
      return refusal(
        400,
        "MarathonAppNotFound",
        `Unable to locate service with marathon appId: '${body.appId}'`,
      );
    const versions = releases.map(({ version }) => version);
    const found = described(name, current);
    if (path.endsWith("/describe"))
      return ok({ package: found, upgradesTo: versions, downgradesTo: [] });
    const version = String(body.packageVersion ?? current.version);
    if (version !== current.version && !this.upgrades)
      return refusal(
        400,
        "VersionUpgradeNotSupportedInOpen",
        `Version Upgrades are not supported in Open DC/OS. ${current.version} to ${version}`,
      );
    const release = releases.find((one) => one.version === version) ?? current;
    const deployment = this.deploy(this.rendered(name, release, body), app);
    return ok({
      package: described(name, release),
      resolvedOptions: body.options ?? {},
      marathonDeploymentId: deployment,
    });
  }

  private uninstall(name: string, app: App | undefined): Reply {
    if (app?.labels.DCOS_PACKAGE_NAME !== name)
      return refusal(400, "PackageNotInstalled", `Package [${name}] not installed`);
    const { id, labels } = app;
    if ("DCOS_COMMONS_UNINSTALL" in labels && this.lingers > 0) this.leaving.set(id, this.lingers);
    else this.apps.delete(id);
    const stays = (one: { name: string }) =>
      this.frameworksStay || one.name !== labels.DCOS_PACKAGE_FRAMEWORK_NAME;
    this.frameworks.splice(0, this.frameworks.length, ...this.frameworks.filter(stays));
    return ok({
      results: [{ packageName: name, appId: id, packageVersion: labels.DCOS_PACKAGE_VERSION }],
    });
  }

  private rendered(name: string, release: FakePackage, { options, appId }: Json): App {
    const app = release.template(objectOf(options));
    const labels = {
      ...z.record(z.string(), z.string()).parse(app.labels ?? {}),
      DCOS_PACKAGE_NAME: name,
      DCOS_PACKAGE_VERSION: release.version,
      DCOS_PACKAGE_SOURCE: this.repositories[0]?.uri ?? "",
      DCOS_PACKAGE_OPTIONS: encode(options ?? {}),
      DCOS_PACKAGE_DEFINITION: encode({ definition: "x".repeat(100) }),
    };
    const id = String(appId ?? app.id);
    return { ...app, id: id.startsWith("/") ? id : `/${id}`, instances: 1, labels };
  }

  private deploy(app: App, before?: App): string {
    this.count += 1;
    const id = `deployment-${this.count}`;
    this.apps.set(app.id, { ...app, version: new Date(this.count * 1000).toISOString() });
    const end = () => {
      const framework = app.labels.DCOS_PACKAGE_FRAMEWORK_NAME;
      if (this.rollBack === "no app") this.apps.delete(app.id);
      else if (this.rollBack === "old app" && before !== undefined) this.apps.set(app.id, before);
      else if (framework !== undefined && !this.frameworks.some(({ name }) => name === framework))
        this.frameworks.push({
          id: `framework-${this.count}`,
          name: framework,
          active: true,
          tasks: [],
        });
    };
    this.pending.push({ id, app: app.id, looks: this.looks, end });
    return id;
  }

  private marathon(method: string, path: string): Reply {
    if (path === "/v2/deployments") {
      for (const one of this.pending) one.looks -= 1;
      for (const one of this.pending.filter(({ looks }) => looks < 0)) {
        this.pending.splice(this.pending.indexOf(one), 1);
        one.end();
      }
      return ok(this.pending.map(({ id, app }) => ({ id, version: "", affectedApps: [app] })));
    }
    if (path === "/v2/queue") return ok({ queue: this.stalled });
    const id = path.slice("/v2/apps/".length);
    const looks = this.leaving.get(id);
    if (looks !== undefined) this.leaving.set(id, looks - 1);
    if (looks === 0) this.apps.delete(id);
    const app = this.apps.get(id);
    if (!path.startsWith("/v2/apps/") || method !== "GET")
      return { status: 500, body: { message: "URI not found" } };
    if (app === undefined) return { status: 404, body: { message: `App '${id}' does not exist` } };
    const deployments = this.pending.filter((one) => one.app === id).map((one) => ({ id: one.id }));
    const up = deployments.length === 0 ? app.instances : 0;
    const tasks = Array.from({ length: up }, (_, i) => ({
      id: `${id}.${i}`,
      state: "TASK_RUNNING",
      host: "10.0.0.1",
    }));
    return ok({
      app: { ...app, deployments, tasks, tasksRunning: up, tasksHealthy: up, tasksUnhealthy: 0 },
    });
  }
}
