import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, SeamlessError } from "../../util/errors";
import { isRecord } from "../../util/json";
import { type ApiRequest, type Reply, type RunningServer, serve } from "../common/http";
import { readJson, savedTo } from "../common/store";
import { readServerConfig, type ServerConfig } from "./config";
import { isClientReport } from "./protocol";
import { Api } from "./server/api";
import { type Saved, State } from "./server/state";

const tickMs = 250;

/** Serves the API and clients until closed. */
export async function startServer(config: ServerConfig): Promise<{ close(): Promise<void> }> {
  mkdirSync(config.stateDir, { recursive: true });
  const file = join(config.stateDir, "state.json");
  const save = savedTo<State>(file, (state) => state.save());
  let api: Api | undefined;
  const { heartbeatMs, rescheduleMs } = config;
  const state = new State(
    { heartbeatMs, rescheduleMs, now: Date.now, changed: () => api?.changed() },
    savedIn(file),
  );
  api = new Api(config, state);
  const served = api;
  const tls =
    config.tls === undefined
      ? undefined
      : { cert: readFileSync(config.tls.cert), key: readFileSync(config.tls.key) };
  const servers: RunningServer[] = [
    await serve(config.rpc, (request) => report(state, request)),
    await serve(config.http, (request) => served.answer(request), tls),
  ];
  const timer = setInterval(() => {
    state.tick();
    save(state);
  }, tickMs);
  return {
    async close() {
      clearInterval(timer);
      save(state);
      await Promise.all(servers.map((one) => one.close()));
    },
  };
}

function savedIn(file: string): Saved | undefined {
  const value = readJson(file);
  if (value === undefined) return undefined;
  if (!isSaved(value)) throw new Error(`${file}: not the state of a server`);
  return value;
}

/** Written by this program alone, hence looked at no closer than to tell a foreign file. */
function isSaved(value: unknown): value is Saved {
  return isRecord(value) && typeof value.index === "number" && Array.isArray(value.allocs);
}

function report(state: State, { body }: ApiRequest): Reply {
  const value: unknown = JSON.parse(body);
  if (!isClientReport(value)) return { status: 400, text: "not the report of a client" };
  return { status: 200, body: { allocs: state.heartbeat(value) } };
}

async function main(): Promise<void> {
  const server = await startServer(readServerConfig(process.argv[2]));
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.once(signal, () => void server.close().then(() => process.exit(0)));
}

if (require.main === module) {
  main().catch((thrown: unknown) => {
    process.stderr.write(`nomad server: ${messageOf(thrown)}\n`);
    process.exit(thrown instanceof SeamlessError ? thrown.code : 1);
  });
}
