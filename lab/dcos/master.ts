import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { messageOf, SeamlessError } from "../../util/errors";
import { type MasterConfig, readMasterConfig } from "./config";
import { serve } from "./http";
import { Marathon } from "./master/marathon";
import { marathonApi } from "./master/marathon-api";
import { mesosApi } from "./master/mesos-api";
import { dumpState, loadState, type State } from "./master/state";
import { readJson, writeJson } from "./store";

/** As in Mesos: five pings of fifteen seconds each that were not answered. */
const defaultAgentTimeoutSeconds = 75;
const advanceMs = 500;

export interface RunningMaster {
  readonly marathonPort: number;
  readonly mesosPort: number;
  close(): Promise<void>;
}

/** Starts the master and answers when both addresses are served. */
export async function startMaster(config: MasterConfig): Promise<RunningMaster> {
  const file = join(config.stateDir, "state.json");
  const state = loadState(readJson(file), Date.now());
  let saved = "";
  const save = (next: State) => {
    const dump = dumpState(next);
    const text = JSON.stringify(dump);
    if (text === saved) return;
    writeJson(file, dump);
    saved = text;
  };
  const marathon = new Marathon(state, {
    now: Date.now,
    newId: randomUUID,
    agentTimeoutMs: (config.agentTimeoutSeconds ?? defaultAgentTimeoutSeconds) * 1000,
    save,
  });
  const mesos = await serve(config.mesos, (request) =>
    mesosApi(marathon, `${config.mesos.address}:${config.mesos.port}`, request),
  );
  const identity = { leader: `${config.marathon.address}:${config.marathon.port}` };
  const api = await serve(config.marathon, (request) => marathonApi(marathon, identity, request));
  const timer = setInterval(() => {
    try {
      marathon.advance();
    } catch (thrown) {
      log(messageOf(thrown));
    }
  }, advanceMs);
  log(`marathon on port ${api.port}, mesos on port ${mesos.port}`);
  return {
    marathonPort: api.port,
    mesosPort: mesos.port,
    async close() {
      clearInterval(timer);
      await Promise.all([api.close(), mesos.close()]);
    },
  };
}

function log(message: string): void {
  process.stderr.write(`master: ${message}\n`);
}

async function main(): Promise<void> {
  const running = await startMaster(readMasterConfig(process.argv[2]));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void running.close().then(() => process.exit(0)));
  }
}

if (require.main === module) {
  main().catch((thrown: unknown) => {
    log(messageOf(thrown));
    process.exit(thrown instanceof SeamlessError ? thrown.code : 1);
  });
}
