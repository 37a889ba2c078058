import { z } from "zod";
import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import { deploymentEnd, tasksUp } from "./api/deployment";
import type { ChangeReply, MarathonClient } from "./api/marathon";
import type { MarathonAppState } from "./api/shapes";
import { differences } from "./compare";
import { type MarathonApp, rangeLabel } from "./probe-app";

export interface RunOptions {
  /** Milliseconds from the request until all tasks are healthy. Default: 300000. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds to wait for a deployment of this app alone, which an interrupted run has left, before it is
   * replaced. Default: 30000.
   */
  readonly ownLockMs?: number;
  readonly say: (message: string) => void;
}

/** Where the tasks run, ordered by agent. */
export interface RunResult {
  readonly app: string;
  readonly tasks: readonly { readonly host: string; readonly address: string }[];
}

const pollMs = 250;

/**
 * Makes an app run as given and waits until its deployment has ended and all its tasks are up. An app that others
 * are deploying is waited for, not forced.
 * @throws SeamlessError with the reasons of Marathon's queue when it does not come to an end in time.
 */
export async function runApp(
  client: MarathonClient,
  asked: MarathonApp,
  options: RunOptions,
): Promise<RunResult> {
  const timeoutMs = options.timeoutMs ?? 300_000;
  const begun = performance.now();
  const left = () => Math.max(0, timeoutMs - (performance.now() - begun));
  const app = keepingRange(asked, await client.app(asked.id), options.say);
  const { deploymentId } = await accepted(client, app, timeoutMs, options);
  const follow = () => ({ timeoutMs: left(), say: options.say });
  await deploymentEnd(client, app.id, follow(), deploymentId);
  // A deployment is also gone when it was cancelled or replaced, and tasks may have ended since.
  const state = await tasksUp(client, app.id, follow(), (found) => asAsked(app, found));
  return resultOf(state);
}

/**
 * A new range alone restarts no task: whoever renumbers restarts all workloads when they like, and GETs between containers
 * that stay can be counted meanwhile. Marathon itself changes nothing for an app that is as it was.
 */
function keepingRange(
  asked: MarathonApp,
  found: MarathonAppState | undefined,
  say: RunOptions["say"],
): MarathonApp {
  const there = withRange.safeParse(found).data?.labels[rangeLabel];
  const own = withRange.safeParse(asked).data?.labels;
  if (found === undefined || there === undefined || own === undefined) return asked;
  if (own[rangeLabel] === undefined || own[rangeLabel] === there) return asked;
  const same = { ...asked, labels: { ...own, [rangeLabel]: there } };
  if (differences(inWordsOf(found, same), found, "").length > 0) return asked;
  say(`${asked.id} keeps its tasks; to give them addresses of ${own[rangeLabel]}, restart it`);
  return same;
}

const withRange = z.looseObject({ labels: z.record(z.string(), z.string()) });

function asAsked(app: MarathonApp, found: MarathonAppState | undefined): MarathonAppState {
  if (found === undefined) throw new SeamlessError(`${app.id} was deleted by somebody else`);
  const lines = differences(inWordsOf(found, app), found, "");
  if (lines.length === 0) return found;
  throw new SeamlessError(`${app.id} is not as asked:\n${lines.join("\n")}`);
}

/** Marathon 1.5 and later shows what was asked in its older form in the newer one ("Upgrading to Marathon 1.5"). */
function inWordsOf(found: MarathonAppState, app: MarathonApp): Readonly<Record<string, unknown>> {
  const { ipAddress, ...rest } = app;
  const older = ipAddressOf.safeParse(ipAddress);
  if (!older.success || found.ipAddress !== undefined) return app;
  const { networkName, labels } = older.data;
  return { ...rest, networks: [{ mode: "container", name: networkName, labels }] };
}

const ipAddressOf = z.object({
  networkName: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
});

async function accepted(
  client: MarathonClient,
  app: MarathonApp,
  timeoutMs: number,
  options: RunOptions,
): Promise<{ readonly deploymentId: string }> {
  const begun = performance.now();
  const ownLockMs = options.ownLockMs ?? 30_000;
  let force = false;
  const wait = {
    what: "other deployments",
    timeoutMs,
    intervalMs: pollMs,
    onWait: options.say,
    failure: (_: number, seen: string) =>
      new SeamlessError(
        `PUT ${app.id}: HTTP 409: still locked by other deployments: ${seen}; wait for their end or cancel them`,
      ),
  };
  return waitFor(wait, async () => {
    const reply: ChangeReply = await client.putApp(app, force);
    if ("deploymentId" in reply) return { done: true, value: reply };
    const locks = (await client.deployments()).filter(({ id }) => reply.lockedBy.includes(id));
    const seen = locks.map((one) => `${one.id} (${one.affectedApps.join(", ")})`).join("; ");
    const own = locks.every((one) => one.affectedApps.every((id) => id === app.id));
    force = own && performance.now() - begun >= ownLockMs;
    if (force) options.say(`replacing the deployment that an earlier run has left: ${seen}`);
    return { done: false, seen };
  });
}

function resultOf(state: MarathonAppState): RunResult {
  const tasks = state.tasks.map(({ host, ipAddresses }) => ({
    host,
    address: ipAddresses[0]?.ipAddress ?? "",
  }));
  return { app: state.id, tasks: tasks.sort((a, b) => (a.host < b.host ? -1 : 1)) };
}

/** Ends an app and waits until its tasks are gone. No app is no error. */
export async function deleteApp(
  client: MarathonClient,
  id: string,
  options: RunOptions,
): Promise<void> {
  // Forced, or an app whose deployment stalls could not be removed.
  const reply = await client.deleteApp(id, true);
  if (reply === undefined) return;
  const timeoutMs = options.timeoutMs ?? 120_000;
  const deploymentId = "deploymentId" in reply ? reply.deploymentId : "";
  await waitFor(
    { what: `the end of ${id}`, timeoutMs, intervalMs: pollMs, onWait: options.say },
    async () => {
      const deployments = await client.deployments();
      if (!deployments.some((one) => one.id === deploymentId)) {
        return { done: true, value: undefined };
      }
      return { done: false, seen: "its tasks have not ended yet" };
    },
  );
}
