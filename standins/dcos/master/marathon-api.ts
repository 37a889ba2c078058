import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";
import { type ApiRequest, HttpError, type Reply } from "../../common/http";
import { type AppDefinition, canonicalId, type Problem } from "./app";
import type { Marathon } from "./marathon";
import { type AppDefaults, parseApp } from "./parse-app";
import { assignServicePorts } from "./service-ports";
import { showApp, showDeployment, showQueueItem, showTask } from "./show";
import type { AppRecord, Deployment } from "./state";
import { update } from "./translate";

/** The release whose documented behaviour is imitated. */
export const marathonVersion = "1.11.0";

/** Who the service says it is. */
export interface Identity extends AppDefaults {
  /** `host:port` of the leader. */
  readonly leader: string;
  readonly frameworkName: string;
}

/** Answers one request to Marathon's API. */
export function marathonApi(marathon: Marathon, identity: Identity, request: ApiRequest): Reply {
  const { method, path } = request;
  if (method === "GET" && path === "/ping") return { status: 200, text: "pong" };
  if (method === "GET" && path === "/v2/info")
    return { status: 200, body: info(marathon, identity) };
  if (method === "GET" && path === "/v2/leader") {
    return { status: 200, body: { leader: identity.leader } };
  }
  if (path === "/v2/apps" || path === "/v2/apps/") return appsReply(marathon, identity, request);
  if (path.startsWith("/v2/apps/")) return appReply(marathon, identity, request);
  if (method === "GET" && path === "/v2/tasks") return tasksReply(marathon);
  if (path === "/v2/deployments" && method === "GET") {
    return { status: 200, body: [...marathon.state.deployments.values()].map(showDeployment) };
  }
  if (path.startsWith("/v2/deployments/") && method === "DELETE") {
    return cancelReply(marathon, request, path.slice("/v2/deployments/".length));
  }
  if (method === "GET" && path === "/v2/queue") {
    const queue = marathon.queue().map((item) => showQueueItem(marathon, item));
    return { status: 200, body: { queue } };
  }
  if (method === "DELETE" && path.startsWith("/v2/queue/") && path.endsWith("/delay")) {
    const id = canonicalId(path.slice("/v2/queue/".length, -"/delay".length));
    if (!marathon.queue().some((item) => item.app.definition.id === id)) {
      throw new HttpError(404, { message: `Application ${id} not found in tasks queue.` });
    }
    marathon.resetDelay(id);
    return { status: 204 };
  }
  // Marathon answers an unknown address in just this way.
  throw new HttpError(500, { message: "URI not found" });
}

function info(marathon: Marathon, { leader, frameworkName }: Identity): unknown {
  return {
    name: "marathon",
    version: marathonVersion,
    buildref: "stand-in",
    elected: true,
    leader,
    frameworkId: marathon.state.frameworkId,
    marathon_config: {
      master: "stand-in",
      framework_name: frameworkName,
      mesos_role: marathon.role,
    },
    http_config: {},
  };
}

function appsReply(marathon: Marathon, identity: Identity, request: ApiRequest): Reply {
  const { method } = request;
  if (method === "GET") {
    const id = request.query.get("id") ?? "";
    const apps = [...marathon.state.apps.values()]
      .filter((app) => app.definition.id.includes(id))
      .map((app) => showApp(marathon, app, embeds(request, "apps.")));
    return { status: 200, body: { apps } };
  }
  if (method === "POST") {
    const raw = readBody(request);
    if (!isRecord(raw)) throw invalidJson("expected an object");
    const [app] = checked(marathon, identity, [raw]);
    if (app === undefined) throw invalidJson("expected an object");
    if (marathon.state.apps.has(app.id)) {
      throw new HttpError(409, { message: `An app with id [${app.id}] already exists.` });
    }
    const deployment = marathon.deploy(new Map([[app.id, app]]), forced(request, false));
    const record = existing(marathon, app.id);
    return {
      status: 201,
      body: { ...showApp(marathon, record, new Set()), deployments: [{ id: deployment.id }] },
      headers: { Location: `/v2/apps/${app.id}`, ...deploymentHeader(deployment) },
    };
  }
  if (method === "PUT") {
    const raw = readBody(request);
    if (!Array.isArray(raw)) throw invalidJson("expected a list of apps");
    const raws = raw.map((one: unknown) => {
      if (!isRecord(one)) throw invalidJson("expected a list of apps");
      const id = typeof one.id === "string" ? canonicalId(one.id) : undefined;
      return merged(marathon, id, one, request);
    });
    const wanted = new Map(checked(marathon, identity, raws).map((app) => [app.id, app]));
    return deployed(200, marathon.deploy(wanted, forced(request, false)));
  }
  throw notAllowed(method);
}

/** `/v2/apps/{id}`, or one of its parts: `/tasks`, `/versions`, `/restart`. */
function appReply(marathon: Marathon, identity: Identity, request: ApiRequest): Reply {
  const { method, path } = request;
  const rest = path.slice("/v2/apps/".length);
  const [, parent, part] = /^(.*?)\/(tasks|versions|restart)\/?$/.exec(rest) ?? [];
  if (parent !== undefined && canonicalId(parent) !== "/") {
    return partReply(marathon, request, canonicalId(parent), part ?? "");
  }
  const id = canonicalId(rest);
  if (method === "GET") {
    const app = showApp(marathon, existing(marathon, id), embeds(request, "app."));
    return { status: 200, body: { app } };
  }
  if (method === "PUT" || method === "PATCH") {
    const raw = readBody(request);
    if (!isRecord(raw)) throw invalidJson("expected an object");
    if (typeof raw.id === "string" && canonicalId(raw.id) !== id) {
      throw invalid([{ path: "/id", errors: [`must be ${id} as in the address, or missing`] }]);
    }
    const created = !marathon.state.apps.has(id);
    const apps = checked(marathon, identity, [merged(marathon, id, { ...raw, id }, request)]);
    const wanted = new Map(apps.map((app) => [app.id, app]));
    const deployment = marathon.deploy(wanted, forced(request, false));
    return deployed(created ? 201 : 200, deployment);
  }
  if (method === "DELETE") {
    existing(marathon, id);
    return deployed(200, marathon.deploy(new Map([[id, null]]), forced(request, true)));
  }
  throw notAllowed(method);
}

function partReply(marathon: Marathon, request: ApiRequest, id: string, part: string): Reply {
  const { method } = request;
  const record = existing(marathon, id);
  if (part === "tasks" && method === "GET") {
    return {
      status: 200,
      body: { tasks: marathon.tasksOf(id).map((task) => showTask(marathon, task)) },
    };
  }
  if (part === "tasks" && method === "DELETE") {
    const tasks = marathon.tasksOf(id);
    marathon.kill(tasks.map((task) => task.spec.id));
    return { status: 200, body: { tasks: tasks.map((task) => showTask(marathon, task)) } };
  }
  if (part === "versions" && method === "GET") {
    return { status: 200, body: { versions: [record.version] } };
  }
  if (part === "restart" && method === "POST") {
    const wanted = new Map([[id, record.definition]]);
    return deployed(200, marathon.deploy(wanted, forced(request, false), true));
  }
  throw notAllowed(method);
}

function tasksReply(marathon: Marathon): Reply {
  const tasks = [...marathon.state.tasks.values()].map((task) => showTask(marathon, task));
  return { status: 200, body: { tasks } };
}

function cancelReply(marathon: Marathon, request: ApiRequest, id: string): Reply {
  const rollback = marathon.cancel(id, forced(request, false));
  return rollback === undefined ? { status: 202 } : deployed(200, rollback);
}

function deployed(status: number, deployment: Deployment): Reply {
  return {
    status,
    body: { version: deployment.version, deploymentId: deployment.id },
    headers: deploymentHeader(deployment),
  };
}

function deploymentHeader({ id }: Deployment): Readonly<Record<string, string>> {
  return { "Marathon-Deployment-Id": id };
}

/** By default an update leaves the fields it does not name as they are. */
function merged(
  marathon: Marathon,
  id: string | undefined,
  raw: Readonly<Record<string, unknown>>,
  request: ApiRequest,
): Readonly<Record<string, unknown>> {
  const old = id === undefined ? undefined : marathon.state.apps.get(id)?.definition;
  const partial = request.query.get("partialUpdate") !== "false";
  if (!partial || old === undefined) return raw;
  const problems: Problem[] = [];
  const next = update(old, raw, problems);
  if (problems.length > 0) throw invalid(problems);
  return next;
}

/** Every definition with its service ports; all problems of the first bad one are told. */
function checked(
  marathon: Marathon,
  identity: Identity,
  raws: readonly Readonly<Record<string, unknown>>[],
): readonly AppDefinition[] {
  const apps = new Map([...marathon.state.apps].map(([id, { definition }]) => [id, definition]));
  return raws.map((raw) => {
    const parsed = parseApp(raw, identity);
    if ("problems" in parsed) throw invalid(parsed.problems);
    const { app } = parsed;
    const assigned = assignServicePorts(app, apps.get(app.id), [...apps.values()]);
    apps.set(app.id, assigned);
    return assigned;
  });
}

function existing(marathon: Marathon, id: string): AppRecord {
  const app = marathon.state.apps.get(id);
  if (app === undefined) throw new HttpError(404, { message: `App '${id}' does not exist` });
  return app;
}

function forced(request: ApiRequest, fallback: boolean): boolean {
  const force = request.query.get("force");
  return force === null ? fallback : force === "true";
}

function embeds(request: ApiRequest, prefix: string): ReadonlySet<string> {
  return new Set(
    request.query
      .getAll("embed")
      .flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])),
  );
}

function readBody(request: ApiRequest): unknown {
  try {
    return JSON.parse(request.body);
  } catch (thrown) {
    throw invalidJson(messageOf(thrown));
  }
}

function invalidJson(details: string): HttpError {
  return new HttpError(400, { message: "Invalid JSON", details });
}

function invalid(problems: readonly Problem[]): HttpError {
  return new HttpError(422, { message: "Object is not valid", details: problems });
}

function notAllowed(method: string): HttpError {
  return new HttpError(405, { message: `Method ${method} is not allowed here` });
}
