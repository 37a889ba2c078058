import { join } from "node:path";
import { messageOf } from "../../../util/errors";
import { type Listen, serve } from "../../common/http";
import { startAdminRouter } from "../admin-router";
import type { MasterConfig } from "../config";
import { Cosmos } from "../cosmos/cosmos";
import type { Mesos } from "../master/mesos";
import { Auth } from "./auth";
import { Faults } from "./faults";
import { Services } from "./services";

const cosmosMs = 1_000;

/** Starts what users of the cluster see, as far as the configuration asks for it. */
export async function startFront(
  config: MasterConfig,
  mesos: Mesos,
): Promise<{ close(): Promise<void> }> {
  const { adminRouter, stateDir } = config;
  const faults = config.faults === undefined ? undefined : new Faults();
  const auth =
    adminRouter?.auth === undefined
      ? undefined
      : new Auth(adminRouter.auth, join(stateDir, "auth-keys.json"), Date.now);
  const closers: (() => Promise<void>)[] = [];
  if (faults !== undefined && config.faults !== undefined) {
    const targets = {
      expireTokens: () => auth?.expire(),
      loseAgent: (name: string, milliseconds: number) => mesos.cutOff(name, milliseconds),
      spoilTasks: (name: string, how: "hold" | "fail", milliseconds: number) =>
        mesos.spoilTasks(name, how, milliseconds),
    };
    const server = await serve(config.faults, (request) => faults.answer(targets, request));
    closers.push(() => server.close());
  }
  if (adminRouter !== undefined) {
    const marathonUrl = urlOf(config.marathon);
    const mesosUrl = urlOf(config.mesos);
    const cosmos = new Cosmos({ marathonUrl, mesosUrl, stateDir });
    const services = new Services({ marathonUrl, mesosUrl }, adminRouter.pollSeconds);
    services.start();
    const parts = { marathonUrl, mesosUrl, cosmos, services, auth, faults };
    const server = await startAdminRouter(adminRouter, parts);
    const timer = setInterval(() => {
      cosmos.advance().catch((thrown: unknown) => {
        process.stderr.write(`cosmos: ${messageOf(thrown)}\n`);
      });
    }, cosmosMs);
    closers.push(async () => {
      clearInterval(timer);
      services.stop();
      await server.close();
    });
    process.stderr.write(`master: admin router on port ${server.port}\n`);
  }
  return {
    async close() {
      await Promise.all(closers.map((one) => one()));
    },
  };
}

/** How this machine reaches what it serves there itself. */
function urlOf({ address, port }: Listen): string {
  return `http://${address === "0.0.0.0" ? "127.0.0.1" : address}:${port}`;
}
