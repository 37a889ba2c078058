import { isRecord } from "../../../util/json";
import { type ApiRequest, HttpError, type Reply } from "../../common/http";

/** How requests are spoilt. */
export const faultKinds = [
  /** 401 as HTML, although the token is good. */
  "unauthorized",
  /** 403 as HTML. */
  "forbidden",
  /** 409 of Marathon while a deployment is at the app. */
  "locked",
  /** 500 as plain text. */
  "error",
  /** 503 as HTML. */
  "unavailable",
  /** The answer breaks off in its middle. */
  "truncated",
  /** The request is passed on later. */
  "slow",
  /** The connection is closed without an answer. */
  "closed",
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Regular expression for the path; all paths by default. */
  readonly path: string;
  /** All methods by default. */
  readonly method?: string;
  /** Requests that pass before it begins. */
  skip: number;
  /** Requests that it spoils; 1 by default. */
  times: number;
  /** Of `slow`. */
  readonly milliseconds: number;
}

/** What tests can ask for besides spoilt requests. */
export interface FaultTargets {
  /** Ends all tokens. */
  readonly expireTokens: () => void;
  /** Loses an agent, and hears nothing of it for so many milliseconds. */
  readonly loseAgent: (name: string, milliseconds: number) => void;
  /** Keeps tasks of a name from starting, or lets them fail, for so many milliseconds. */
  readonly spoilTasks: (name: string, how: "hold" | "fail", milliseconds: number) => void;
}

/**
 * The faults that tests have asked for, at an address of their own (`MasterConfig.faults`):
 *
 *     POST /requests {"kind": "unauthorized", "path": "^/package", "method": "POST", "skip": 1, "times": 2}
 *     POST /tokens/expire
 *     POST /agents/<name>/lose {"milliseconds": 5000}
 *     POST /tasks/<name>/hold {"milliseconds": 5000}, and /fail
 *     DELETE /requests
 */
export class Faults {
  private faults: Fault[] = [];

  /** The fault for a request, if it is due. */
  take(method: string, path: string): Fault | undefined {
    for (const fault of this.faults) {
      if (fault.method !== undefined && fault.method !== method) continue;
      if (!new RegExp(fault.path).test(path)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.times -= 1;
      if (fault.times <= 0) this.faults = this.faults.filter((one) => one !== fault);
      return fault;
    }
    return undefined;
  }

  answer(targets: FaultTargets, { method, path, body }: ApiRequest): Reply {
    const fields = body === "" ? {} : JSON.parse(body);
    if (!isRecord(fields)) throw new HttpError(400, { message: "expected a JSON object" });
    const milliseconds = numberOr(fields.milliseconds, 1_000);
    if (path === "/requests" && method === "POST") {
      this.faults.push(readFault(fields, milliseconds));
      return { status: 204 };
    }
    if (path === "/requests" && method === "DELETE") {
      this.faults = [];
      return { status: 204 };
    }
    const [, what, name = "", how] = /^\/(agents|tasks)\/(.+)\/(lose|hold|fail)$/.exec(path) ?? [];
    if (method !== "POST") throw new HttpError(404, { message: `No ${method} ${path} here` });
    if (path === "/tokens/expire") targets.expireTokens();
    else if (what === "agents" && how === "lose") targets.loseAgent(name, milliseconds);
    else if (what === "tasks" && (how === "hold" || how === "fail")) {
      targets.spoilTasks(name, how, milliseconds);
    } else throw new HttpError(404, { message: `No ${method} ${path} here` });
    return { status: 204 };
  }
}

function readFault(fields: Readonly<Record<string, unknown>>, milliseconds: number): Fault {
  const kind = faultKinds.find((one) => one === fields.kind);
  if (kind === undefined) {
    throw new HttpError(400, { message: `kind: expected one of ${faultKinds.join(", ")}` });
  }
  const { method, path } = fields;
  return {
    kind,
    path: typeof path === "string" ? path : "",
    ...(typeof method === "string" ? { method } : {}),
    skip: numberOr(fields.skip, 0),
    times: numberOr(fields.times, 1),
    milliseconds,
  };
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}
