import { waitFor } from "../../../util/wait";
import type { MarathonClient } from "./marathon";
import type { MarathonAppState, QueueItem } from "./shapes";

export interface FollowOptions {
  /** Milliseconds until the wait gives up. */
  readonly timeoutMs: number;
  readonly say: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const pollMs = 250;

function waitOptions(what: string, { timeoutMs, say, signal }: FollowOptions) {
  return {
    what,
    timeoutMs,
    intervalMs: pollMs,
    onWait: say,
    ...(signal === undefined ? {} : { signal }),
  };
}

/**
 * Waits until deployments of an app have left Marathon's list. That alone says nothing about how they ended.
 * @param deploymentId Only this one. Default: all that affect the app.
 * @throws SeamlessError with the reasons of Marathon's queue when they do not end in time.
 */
export function deploymentEnd(
  client: MarathonClient,
  id: string,
  options: FollowOptions,
  deploymentId?: string,
): Promise<void> {
  return waitFor(waitOptions(`the deployment of ${id}`, options), async () => {
    const there = (await client.deployments()).some((one) =>
      deploymentId === undefined ? one.affectedApps.includes(id) : one.id === deploymentId,
    );
    if (!there) return { done: true, value: undefined };
    return { done: false, seen: await whyNot(client, id) };
  });
}

/**
 * Waits until all tasks of an app are up: healthy where it has health checks, else running.
 * @param inspect Is shown the app each time, undefined when it is gone; throws when that cannot become right any more.
 */
export function tasksUp(
  client: MarathonClient,
  id: string,
  options: FollowOptions,
  inspect: (state: MarathonAppState | undefined) => MarathonAppState,
): Promise<MarathonAppState> {
  return waitFor(waitOptions(`the tasks of ${id}`, options), async () => {
    const state = inspect(await client.app(id));
    if (isUp(state)) return { done: true, value: state };
    return { done: false, seen: await whyNot(client, id) };
  });
}

/** Waits until Marathon does not know an app any more. */
export function appGone(client: MarathonClient, id: string, options: FollowOptions): Promise<void> {
  return waitFor(waitOptions(`the end of ${id}`, options), async () => {
    const state = await client.app(id);
    if (state === undefined) return { done: true, value: undefined };
    return { done: false, seen: `Marathon still has it, with ${state.tasksRunning} tasks` };
  });
}

function isUp(state: MarathonAppState): boolean {
  const up = state.healthChecks.length > 0 ? state.tasksHealthy : state.tasksRunning;
  const { instances, tasks, tasksUnhealthy, deployments } = state;
  return (
    up === instances && tasksUnhealthy === 0 && tasks.length === instances && !deployments.length
  );
}

/** What Marathon says about why an app is not up: its queue, and the last task that failed. */
export async function whyNot(client: MarathonClient, id: string): Promise<string> {
  const [queue, state] = [await client.queue(), await client.app(id)];
  const waiting = queue.filter((item) => item.app?.id === id).map(explain);
  const failure = state?.lastTaskFailure;
  const parts = [
    `${state?.tasksRunning ?? 0} of ${state?.instances ?? 0} tasks run, ${state?.tasksHealthy ?? 0} healthy`,
    ...waiting,
    ...(failure === undefined
      ? []
      : [`last failure: ${failure.state} on ${failure.host}: ${failure.message}`]),
  ];
  return parts.join("; ");
}

/** One line for an item of the queue: what agents' offers were declined for. */
export function explain(item: QueueItem): string {
  const reasons = (item.processedOffersSummary?.rejectSummaryLastOffers ?? [])
    .filter(({ declined }) => declined > 0)
    .map(({ reason, declined, processed }) => `${reason} ${declined} of ${processed}`);
  const delay = item.delay?.timeLeftSeconds ?? 0;
  const wait = delay > 0 ? `, next try in ${delay} s` : "";
  const why = reasons.length === 0 ? "no offer was declined yet" : reasons.join(", ");
  return `${item.count} in the queue${wait} (offers declined: ${why})`;
}
