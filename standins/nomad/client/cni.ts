import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describeFailure, exec } from "../../../util/exec";
import { isRecord } from "../../../util/json";
import type { ClientConfig } from "../config";
import type { AllocOrder, NetworkStatus } from "../protocol";

/** A plugin may have to wait for its datastore. */
const timeoutMs = 90_000;
const attempts = 3;

/** Names of the networks of the client's CNI files. @throws Error where one cannot be read */
export async function networkNames(config: ClientConfig): Promise<string[]> {
  const answer = await call(config, "networks", {});
  return Array.isArray(answer) ? answer.filter((one) => typeof one === "string") : [];
}

/** Joins an allocation to its network, in up to three attempts. @throws Error with what the first one said */
export async function setup(
  config: ClientConfig,
  order: AllocOrder,
  netns: string,
): Promise<NetworkStatus> {
  let first: unknown;
  for (let attempt = 1; ; attempt++) {
    try {
      const args = cniArgs(order);
      const answer = await call(config, "setup", { ...request(order, netns), args });
      if (isStatus(answer)) return answer;
      throw new Error(`not a status: ${JSON.stringify(answer)}`);
    } catch (thrown) {
      first ??= thrown;
      if (attempt === attempts) throw first;
      await sleep(1_000 + randomInt(1_000));
    }
  }
}

/** Asks plugins whether an allocation is still on its network. @throws Error where it is not */
export async function check(config: ClientConfig, order: AllocOrder, netns: string): Promise<void> {
  await call(config, "check", request(order, netns));
}

/** Takes an allocation off its network. Its plugins get no CNI_ARGS. */
export async function remove(
  config: ClientConfig,
  order: AllocOrder,
  netns: string,
): Promise<void> {
  await call(config, "remove", request(order, netns));
}

function isStatus(value: unknown): value is NetworkStatus {
  return isRecord(value) && typeof value.Address === "string";
}

function request(order: AllocOrder, netns: string) {
  return {
    ...{ id: order.id, netns },
    name: (order.group.network?.mode ?? "").replace(/^cni\//, ""),
    ports: order.ports.flatMap(({ Value, To, HostIP }) =>
      ["tcp", "udp"].map((Protocol) => ({
        HostPort: Value,
        ContainerPort: To < 1 ? Value : To,
        Protocol,
        HostIP,
      })),
    ),
  };
}

/** What plugins are told beside: the job's own first, which cannot take the place of Nomad's. */
export function cniArgs(order: AllocOrder): [string, string][] {
  const own = {
    NOMAD_REGION: "global",
    NOMAD_NAMESPACE: "default",
    NOMAD_JOB_ID: order.jobId,
    NOMAD_GROUP_NAME: order.group.name,
    NOMAD_ALLOC_ID: order.id,
  };
  return Object.entries({
    IgnoreUnknown: "true",
    ...order.group.network?.args,
    ...Object.fromEntries(Object.entries(own).filter(([, value]) => !value.includes(";"))),
  });
}

async function call(
  config: ClientConfig,
  command: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const argv = [config.cniProgram, command];
  const input = JSON.stringify({
    configDir: config.cniConfigDir,
    path: config.cniPath,
    ...asked,
  });
  const result = await exec(argv, { input, timeoutMs });
  if (result.code !== 0) throw new Error(result.stderr.trim() || describeFailure(argv, result));
  return JSON.parse(result.stdout);
}
