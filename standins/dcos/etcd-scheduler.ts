/**
 * The scheduler of the package `etcd`: an app of root Marathon which is itself a framework and runs the members.
 * Its settings are in its environment, as the package's template puts them there.
 *
 *     node dist/standins/dcos/etcd-scheduler.js [--zookeeper zk://master.mesos:2181]
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf, SeamlessError } from "../../util/errors";
import { serve } from "../common/http";
import { etcdApi } from "./etcd/api";
import { EtcdScheduler, stateNode } from "./etcd/scheduler";
import { readEtcdSettings } from "./etcd/settings";
import { loadEtcd } from "./etcd/state";
import { StoreNode } from "./scheduler";

const roundMs = 500;

function log(message: string): void {
  process.stderr.write(`etcd scheduler: ${message}\n`);
}

async function main(): Promise<void> {
  const settings = readEtcdSettings(process.argv.slice(2), process.env);
  const store = new StoreNode(settings.zookeeper);
  const state = loadEtcd(await store.get(stateNode));
  const scheduler = new EtcdScheduler(settings, state, store, {
    now: Date.now,
    newId: randomUUID,
  });
  const listen = { address: "0.0.0.0", port: settings.apiPort };
  const server = await serve(listen, (request) => etcdApi(scheduler, request));
  let stopped = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      stopped = true;
      void server.close().then(() => process.exit(0));
    });
  }
  log(`${settings.name} on port ${server.port}`);
  for (let said = ""; !stopped; await pause(roundMs)) {
    await scheduler.round();
    const problem = scheduler.errors.join("; ");
    if (problem !== said && problem !== "") log(problem);
    said = problem;
  }
}

main().catch((thrown: unknown) => {
  log(messageOf(thrown));
  process.exit(thrown instanceof SeamlessError ? thrown.code : 1);
});
