import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { messageOf, SeamlessError } from "../../util/errors";
import { serve } from "../common/http";
import { readJson, savedTo } from "../common/store";
import { type MasterConfig, readMasterConfig } from "./config";
import { EventSource } from "./master/events";
import { KeyValues } from "./master/key-values";
import { Marathon } from "./master/marathon";
import { marathonService } from "./master/marathon-service";
import { Mesos } from "./master/mesos";
import { mesosApi } from "./master/mesos-api";
import { dumpMesos, loadMesos } from "./master/mesos-state";
import { settle } from "./master/settle";
import { dumpState, loadState } from "./master/state";
import { startFront } from "./router/front";

/** As in Mesos: five pings of fifteen seconds each that were not answered. */
const defaultAgentTimeoutSeconds = 75;
/** Marathon's `--failover_timeout`. */
const failoverTimeoutSeconds = 604_800;
const advanceMs = 500;
/** DC/OS gives its own Marathon the role of public agents (`MARATHON_MESOS_ROLE`). */
const rootRole = "slave_public";

export interface RunningMaster {
  readonly marathonPort: number;
  readonly mesosPort: number;
  close(): Promise<void>;
}

/** Starts the master and answers when all addresses are served. */
export async function startMaster(config: MasterConfig): Promise<RunningMaster> {
  const { stateDir } = config;
  const around = { now: Date.now, newId: randomUUID };
  const mesosFile = join(stateDir, "mesos.json");
  const mesos = new Mesos(loadMesos(readJson(mesosFile), Date.now()), {
    ...around,
    agentTimeoutMs: (config.agentTimeoutSeconds ?? defaultAgentTimeoutSeconds) * 1000,
    save: savedTo(mesosFile, dumpMesos),
  });
  const file = join(stateDir, "state.json");
  const state = loadState(readJson(file));
  const events = new EventSource(state, Date.now);
  const persist = savedTo(file, dumpState);
  const marathon = new Marathon(state, {
    ...around,
    role: rootRole,
    save(next) {
      persist(next);
      events.observe(next);
    },
  });
  const registration = {
    name: "marathon",
    hostname: config.marathon.address,
    port: config.marathon.port,
    webuiUrl: `http://${config.marathon.address}:${config.marathon.port}`,
    role: rootRole,
    failoverTimeoutSeconds,
  };
  const settleRoot = () => settle(marathon, mesos, registration);
  settleRoot();

  const service = {
    mesos,
    store: new KeyValues(join(stateDir, "store.json")),
    leader: `${config.mesos.address}:${config.mesos.port}`,
    settle: settleRoot,
  };
  const mesosServer = await serve(config.mesos, (request) => mesosApi(service, request));
  const identity = {
    leader: `${config.marathon.address}:${config.marathon.port}`,
    frameworkName: "marathon",
    role: rootRole,
  };
  const api = await serve(config.marathon, (request) =>
    marathonService(marathon, events, identity, request),
  );
  const front = await startFront(config, mesos);
  const timer = setInterval(() => {
    try {
      settleRoot();
    } catch (thrown) {
      log(messageOf(thrown));
    }
  }, advanceMs);
  log(`marathon on port ${api.port}, mesos on port ${mesosServer.port}`);
  return {
    marathonPort: api.port,
    mesosPort: mesosServer.port,
    async close() {
      clearInterval(timer);
      await Promise.all([api.close(), mesosServer.close(), front.close()]);
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
