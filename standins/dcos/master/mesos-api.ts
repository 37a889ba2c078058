import { messageOf } from "../../../util/errors";
import { type ApiRequest, HttpError, type Reply } from "../../common/http";
import { type AgentReport, isFrameworkCall, readReport } from "../protocol";
import type { KeyValues } from "./key-values";
import type { Mesos } from "./mesos";
import { mesosVersion, showAgents, showFrameworks, showState } from "./mesos-show";

export interface MesosService {
  readonly mesos: Mesos;
  readonly store: KeyValues;
  /** `address:port` of the leading master. */
  readonly leader: string;
  /** Lets the schedulers within this process have their say; called before every answer. */
  readonly settle: () => void;
}

/**
 * Answers one request at the Mesos master's address: the reports of the agents, the calls of the frameworks and the
 * store that takes ZooKeeper's place, all three in this stand-in's own protocol; and as much of the operator's API as
 * is needed to look around, to end a framework, and as Mesos-DNS reads.
 */
export function mesosApi(service: MesosService, request: ApiRequest): Reply {
  const { mesos } = service;
  const { method, path } = request;
  if (path.startsWith("/store/")) return storeReply(service.store, request);
  if (method === "POST" && path.startsWith("/agents/")) {
    const report = readAgentReport(request, path.slice("/agents/".length));
    mesos.report(report);
    service.settle();
    return { status: 200, body: mesos.orders(report.name) };
  }
  service.settle();
  if (method === "POST" && path.startsWith("/frameworks/")) {
    const call = readJsonBody(request);
    if (!isFrameworkCall(call) || call.name !== path.slice("/frameworks/".length)) {
      throw new HttpError(400, { message: `Not the call of a framework: ${path}` });
    }
    return { status: 200, body: mesos.exchange(call) };
  }
  const name = path.replace(/^\/master(?=\/)/, "").replace(/\.json$/, "");
  if (method === "POST" && name === "/teardown") {
    mesos.teardown(new URLSearchParams(request.body).get("frameworkId") ?? "");
    return { status: 200 };
  }
  if (method !== "GET") throw new HttpError(404, { message: `No ${method} ${path} here` });
  switch (name) {
    case "/version":
      return { status: 200, body: { version: mesosVersion, build_user: "stand-in" } };
    case "/health":
      return { status: 200 };
    case "/slaves":
      return { status: 200, body: showAgents(mesos) };
    case "/frameworks":
      return { status: 200, body: showFrameworks(mesos) };
    case "/state":
    case "/state-summary":
      return { status: 200, body: showState(mesos, service.leader) };
    default:
      throw new HttpError(404, { message: `No ${method} ${path} here` });
  }
}

/** `/store/<path>`: a text for each path, like the nodes of ZooKeeper. */
function storeReply(store: KeyValues, { method, path, body }: ApiRequest): Reply {
  const key = path.slice("/store".length);
  if (method === "GET") {
    const value = store.get(key);
    if (value === undefined) throw new HttpError(404, { message: `No node ${key}` });
    return { status: 200, text: value };
  }
  if (method === "PUT") store.set(key, body);
  else if (method === "DELETE") store.delete(key);
  else throw new HttpError(405, { message: `Method ${method} is not allowed here` });
  return { status: 204 };
}

function readJsonBody(request: ApiRequest): unknown {
  try {
    return JSON.parse(request.body);
  } catch (thrown) {
    throw new HttpError(400, { message: `Invalid JSON: ${messageOf(thrown)}` });
  }
}

function readAgentReport(request: ApiRequest, name: string): AgentReport {
  const report = readReport(readJsonBody(request));
  if (report === undefined || report.name !== name) {
    throw new HttpError(400, { message: `Not the report of an agent ${name}` });
  }
  return report;
}
