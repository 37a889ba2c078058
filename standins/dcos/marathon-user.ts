/**
 * A second Marathon, as the package `marathon` of DC/OS installs it: an app of root Marathon which is itself a
 * framework, with an API, apps and tasks of its own.
 *
 *     node dist/standins/dcos/marathon-user.js --framework_name marathon-user --master zk://master.mesos:2181/mesos \
 *         --zk zk://master.mesos:2181/universe/marathon-user
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf, SeamlessError } from "../../util/errors";
import { type ApiRequest, type Reply, serve } from "../common/http";
import { EventSource } from "./master/events";
import { Marathon } from "./master/marathon";
import type { Identity } from "./master/marathon-api";
import { marathonService } from "./master/marathon-service";
import { loadState, type State } from "./master/state";
import { StoreNode } from "./scheduler";
import { readFlags, type UserMarathonFlags } from "./user/flags";
import { RemoteMarathon, stateNode } from "./user/remote";

const storeRetryMs = 1_000;

export interface RunningMarathon {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts Marathon with the state that the store has of it; `onRemoved` is told when the master has ended it. */
export async function startMarathon(
  flags: UserMarathonFlags,
  onRemoved: () => void,
): Promise<RunningMarathon> {
  const store = new StoreNode(flags.zk);
  const state = await stored(store);
  const events = new EventSource(state, Date.now);
  const marathon = new Marathon(state, {
    now: Date.now,
    newId: randomUUID,
    role: flags.mesosRole,
    save: (next) => events.observe(next),
  });
  const registration = {
    name: flags.frameworkName,
    hostname: flags.hostname,
    port: flags.libprocessPort,
    webuiUrl: flags.webuiUrl ?? `http://${flags.hostname}:${flags.httpPort}`,
    role: flags.mesosRole,
    ...(flags.principal === undefined ? {} : { principal: flags.principal }),
    failoverTimeoutSeconds: flags.failoverTimeoutSeconds,
  };
  const remote = new RemoteMarathon(marathon, registration, flags.master.url, store, onRemoved);
  const identity: Identity = {
    leader: `${flags.hostname}:${flags.httpPort}`,
    frameworkName: flags.frameworkName,
    role: flags.mesosRole,
    acceptedResourceRoles: flags.acceptedResourceRoles,
    ...(flags.networkName === undefined ? {} : { networkName: flags.networkName }),
  };
  const handle = async (request: ApiRequest): Promise<Reply> => {
    const reply = marathonService(marathon, events, identity, request);
    if (request.method === "GET") return reply;
    try {
      await remote.persist();
    } catch (thrown) {
      return { status: 503, body: { message: `The state cannot be kept: ${messageOf(thrown)}` } };
    }
    remote.soon();
    return reply;
  };
  const listen = { address: flags.httpAddress, port: flags.httpPort };
  const server = await serve(listen, handle);
  remote.start();
  const timer = setInterval(() => marathon.advance(), storeRetryMs);
  return {
    port: server.port,
    async close() {
      clearInterval(timer);
      remote.stop();
      await server.close();
    },
  };
}

/** Without the store there is no telling what runs already; so this waits for it, as Marathon does for ZooKeeper. */
async function stored(store: StoreNode): Promise<State> {
  for (let said = ""; ; ) {
    try {
      const text = await store.get(stateNode);
      return loadState(text === undefined ? undefined : JSON.parse(text));
    } catch (thrown) {
      const message = messageOf(thrown);
      if (message !== said) log(`${message}; trying again`);
      said = message;
      await pause(storeRetryMs);
    }
  }
}

function log(message: string): void {
  process.stderr.write(`marathon: ${message}\n`);
}

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2), process.env);
  const running = await startMarathon(flags, () => process.exit(1));
  log(`${flags.frameworkName} on port ${running.port}`);
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
