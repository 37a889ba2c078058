import type { ApiRequest, Reply } from "../../common/http";
import type { ServerConfig } from "../config";
import { JobError, parseJob } from "./job";
import {
  registrations,
  showAlloc,
  showAllocStub,
  showEval,
  showJob,
  showJobStub,
  showNode,
  showNodeStub,
  showServices,
} from "./show";
import type { EvalRecord, State } from "./state";

/** Longest that a blocking query waits, and where it names no time (`wait`), in milliseconds. */
const longestWait = 600_000;
const usualWait = 300_000;

const plain = (status: number, text: string): Reply => ({ status, text });

/** What a query answers: the newest index of what it is about, and the answer. */
interface Found {
  readonly index: number;
  readonly body: unknown;
}

/** The HTTP API of a server. */
export class Api {
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly config: ServerConfig,
    private readonly state: State,
  ) {}

  /** Something has changed: blocking queries look again. */
  changed(): void {
    for (const look of [...this.waiting]) look();
  }

  async answer(request: ApiRequest): Promise<Reply> {
    const refused = this.refusal(request);
    if (refused !== undefined) return refused;
    const namespace = request.query.get("namespace") ?? "default";
    if (namespace !== "default" && namespace !== "*" && request.method !== "GET")
      return plain(500, `job "" is in nonexistent namespace "${namespace}"`);
    try {
      return request.method === "GET" ? await this.read(request) : this.write(request);
    } catch (thrown) {
      if (thrown instanceof JobError) return plain(thrown.status, thrown.message);
      throw thrown;
    }
  }

  private refusal({ method, path, headers }: ApiRequest): Reply | undefined {
    if (this.config.tokens === undefined || path.startsWith("/v1/status/")) return undefined;
    const given = headers["x-nomad-token"] ?? headers.authorization?.replace(/^Bearer /, "");
    if (typeof given !== "string" || given === "") return plain(403, "Permission denied");
    const token = Object.hasOwn(this.config.tokens, given) ? this.config.tokens[given] : undefined;
    if (token === undefined) return plain(403, "ACL token not found");
    return method === "GET" || token.write ? undefined : plain(403, "Permission denied");
  }

  /** Answers at once, or when there is something newer than what the caller has seen. */
  private async read(request: ApiRequest): Promise<Reply> {
    const direct = this.direct(request);
    if (direct !== undefined) return direct;
    const seen = Number(request.query.get("index") ?? "0");
    const until = Date.now() + waitOf(request.query.get("wait"));
    for (;;) {
      const found = this.find(request);
      if (found === undefined) return plain(404, "Invalid URL");
      if (typeof found === "string") return plain(404, found);
      if (found.index > seen || Date.now() >= until) return this.reply(found);
      await this.change(until - Date.now());
    }
  }

  private change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(look, milliseconds);
      this.waiting.add(look);
    });
  }

  private reply({ index, body }: Found): Reply {
    return {
      status: 200,
      body,
      headers: {
        "X-Nomad-Index": String(index),
        "X-Nomad-KnownLeader": "true",
        "X-Nomad-LastContact": "0",
      },
    };
  }

  /** What has no index. */
  private direct({ path }: ApiRequest): Reply | undefined {
    const { name, version, datacenter, rpc, http } = this.config;
    const leader = `${rpc.address}:${rpc.port}`;
    const member = {
      Name: `${name}.global`,
      Addr: rpc.address,
      Port: 4648,
      Tags: { build: version, dc: datacenter, region: "global", role: "nomad" },
      Status: "alive",
    };
    switch (path) {
      case "/v1/status/leader":
        return { status: 200, body: leader };
      case "/v1/status/peers":
        return { status: 200, body: [leader] };
      case "/v1/agent/members":
        return {
          status: 200,
          body: { ServerName: name, ServerRegion: "global", Members: [member] },
        };
      case "/v1/agent/self":
        return {
          status: 200,
          body: {
            config: {
              ACL: { Enabled: this.config.tokens !== undefined },
              Datacenter: datacenter,
              Name: name,
              Ports: { HTTP: http.port, RPC: rpc.port },
              Region: "global",
              Server: { Enabled: true },
              Version: { Version: version },
            },
            member,
            stats: { nomad: { leader: "true", server: "true" } },
          },
        };
      default:
        return undefined;
    }
  }

  /** Answers a text for what is not there. */
  private find({ path, query }: ApiRequest): Found | string | undefined {
    const { state } = this;
    const [, version, kind, id = "", part] = path.split("/");
    if (version !== "v1") return undefined;
    const allocs = [...state.allocs.values()];
    switch (kind) {
      case "nodes":
        return list([...state.nodes.values()], (one) =>
          showNodeStub(one, query.get("resources") === "true"),
        );
      case "node": {
        const node = state.nodes.get(id);
        if (node === undefined) return "node not found";
        if (part === undefined) return { index: node.modify, body: showNode(node) };
        if (part !== "allocations") return undefined;
        return list(
          allocs.filter(({ nodeId }) => nodeId === id),
          (one) => showAlloc(one, state),
        );
      }
      case "jobs":
        return list([...state.jobs.values()], (one) => showJobStub(one, state), newest(allocs));
      case "job": {
        const here = allocs.filter(({ order }) => order.jobId === id);
        if (part === "allocations") return list(here, (one) => showAllocStub(one, state));
        if (part === "evaluations")
          return list(
            [...state.evals.values()]
              .filter(({ jobId }) => jobId === id)
              .map((one) => ({ ...one, modify: one.create })),
            (one) => showEval(one, state),
          );
        const job = state.jobs.get(id);
        if (job === undefined) return "job not found";
        if (part !== undefined) return undefined;
        return { index: Math.max(job.modify, newest(here)), body: showJob(job, state) };
      }
      case "allocations":
        return list(allocs, (one) => showAllocStub(one, state));
      case "allocation": {
        const alloc = state.allocs.get(id);
        if (alloc === undefined) return "alloc not found";
        return { index: alloc.modify, body: showAlloc(alloc, state) };
      }
      case "evaluation": {
        const found = state.evals.get(id);
        if (found === undefined) return "eval not found";
        return { index: found.create, body: showEval(found, state) };
      }
      case "services":
        return { index: Math.max(1, newest(allocs)), body: showServices(state) };
      case "service":
        return {
          index: Math.max(1, newest(allocs)),
          body: registrations(state).filter(({ ServiceName }) => ServiceName === id),
        };
      default:
        return undefined;
    }
  }

  private write({ method, path, query, body }: ApiRequest): Reply {
    const [, version, kind, id = "", part] = path.split("/");
    const isJob = version === "v1" && (kind === "jobs" || kind === "job") && part === undefined;
    if (isJob && (method === "PUT" || method === "POST"))
      return this.evaluated(this.state.register(parseJob(json(body))));
    if (isJob && kind === "job" && method === "DELETE") {
      const made = this.state.deregister(id, query.get("purge") === "true");
      // A job that is not there is no error to a real server either.
      return made === undefined
        ? this.reply({
            index: this.state.index,
            body: { EvalID: "", EvalCreateIndex: 0, JobModifyIndex: 0 },
          })
        : this.evaluated(made);
    }
    return plain(405, "Invalid method");
  }

  private evaluated({ id, create, jobId }: EvalRecord): Reply {
    return this.reply({
      index: create,
      body: {
        EvalID: id,
        EvalCreateIndex: create,
        JobModifyIndex: this.state.jobs.get(jobId)?.registered ?? create,
        Warnings: "",
      },
    });
  }
}

function list<T extends { readonly modify: number }>(
  records: readonly T[],
  show: (record: T) => unknown,
  atLeast = 1,
): Found {
  return { index: Math.max(atLeast, newest(records)), body: records.map(show) };
}

function newest(records: readonly { readonly modify: number }[]): number {
  return records.reduce((index, { modify }) => Math.max(index, modify), 1);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JobError(400, "invalid JSON");
  }
}

/** A duration of Go's, as far as clients write it here: `10s`, `500ms`, `5m`. */
function waitOf(text: string | null): number {
  const [, number, unit] = /^(\d+)(ms|s|m)$/.exec(text ?? "") ?? [];
  if (number === undefined) return usualWait;
  const wait = Number(number) * (unit === "ms" ? 1 : unit === "s" ? 1_000 : 60_000);
  return Math.min(wait, longestWait);
}
