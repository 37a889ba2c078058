/** `docker.Container`. */
import { performance } from "node:perf_hooks";
import { z } from "zod";
import { type CallContext, type Recorded, resourceType } from "../../../providers/base/provider";
import { waitFor } from "../../../util/wait";
import { type Daemon, DockerError } from "./api";
import {
  type ContainerInputs,
  containerBody,
  containerInputs,
  endpointConfig,
  isInPlace,
  unordered,
  updateBody,
} from "./container-body";
import {
  byName,
  type Inspected,
  inputsOf,
  inspect,
  lastLines,
  outputsOf,
  shouldRun,
} from "./container-state";
import { isOurs, sameSet } from "./labels";

type Context = CallContext<Daemon>;

/** How long a container has to run before it counts as started. */
const watchMs = 1_000;
/** How often Docker may restart it until then; its first pauses are 0.1, 0.2, 0.4 and 0.8 s. */
const startMs = 10_000;
const removeMs = 60_000;
const defaultGraceSeconds = 10;
/** What the daemon takes beyond the grace. */
const stopMarginMs = 30_000;

/** Makes way for a new container: what a killed run left of this resource goes, anybody else's stays. */
async function clearName(inputs: ContainerInputs, ctx: Context): Promise<void> {
  const found = await byName(ctx.client, inputs.name);
  if (found === undefined) return;
  if (isOurs(found.Config.Labels, ctx.urn)) {
    ctx.log("info", `removing the container ${inputs.name} that an interrupted run has left`);
    await remove(ctx.client, found.Id, true);
    return;
  }
  throw new Error(
    `the name ${inputs.name} is taken by container ${found.Id.slice(0, 12)}, which this resource did not make; remove it (docker rm -f ${inputs.name}) or choose another name`,
  );
}

async function create(inputs: ContainerInputs, ctx: Context) {
  const { client: daemon, signal } = ctx;
  await clearName(inputs, ctx);
  signal.throwIfAborted();
  const created = z.object({ Id: z.string() }).parse(
    await daemon.call({
      method: "POST",
      path: "/containers/create",
      query: { name: inputs.name },
      body: containerBody(inputs, ctx.urn),
    }),
  );
  try {
    for (const network of inputs.networksAdvanced?.slice(1) ?? [])
      await daemon.call({
        method: "POST",
        path: `/networks/${encodeURIComponent(network.name)}/connect`,
        body: { Container: created.Id, EndpointConfig: endpointConfig(network) },
      });
    if (inputs.start !== false) await start(created.Id, inputs, ctx);
    const container = await inspect(daemon, created.Id);
    if (container === undefined && inputs.rm !== true)
      throw new Error(`the container ${inputs.name} was removed by somebody else meanwhile`);
    return { id: created.Id, outputs: outputsOf(container) };
  } catch (error) {
    await remove(daemon, created.Id, true);
    throw error;
  }
}

/** Starts a container; one that has to run is watched until it has done so for a moment. */
async function start(id: string, inputs: ContainerInputs, ctx: Context): Promise<void> {
  const { client: daemon, signal } = ctx;
  signal.throwIfAborted();
  await daemon.call({ method: "POST", path: `/containers/${id}/start` });
  if (inputs.mustRun === false) return;
  let run = "";
  const begun = performance.now();
  let since = begun;
  let last: Inspected | undefined;
  await waitFor(
    { what: `container ${inputs.name} to run`, timeoutMs: 60_000, signal },
    async () => {
      const container = await inspect(daemon, id);
      last = container ?? last;
      if (container?.State.Running !== true) throw await ended(daemon, inputs, last);
      const now = performance.now();
      const current = `${container.State.StartedAt} ${container.State.Restarting}`;
      if (current !== run) [run, since] = [current, now];
      if (!container.State.Restarting && now - since >= watchMs)
        return { done: true, value: undefined };
      if (container.RestartCount > 0 && now - begun >= startMs)
        throw await ended(daemon, inputs, container);
      return { done: false, seen: container.State.Status };
    },
  );
}

/** Why a container that has to run does not. */
async function ended(
  daemon: Daemon,
  inputs: ContainerInputs,
  last: Inspected | undefined,
): Promise<Error> {
  if (last === undefined || inputs.rm === true)
    return new Error(
      `container ${inputs.name} ended at once and removed itself (rm); set rm to false to see its log, or mustRun to false if it is to end`,
    );
  const often = last.RestartCount === 0 ? "" : `, again after ${last.RestartCount} restarts`;
  return new Error(
    `container ${inputs.name} ended at once with exit code ${last.State.ExitCode}${often}; it said: ${await lastLines(daemon, last)}`,
  );
}

/** Removes a container, running or not, and waits until it is gone. */
async function remove(daemon: Daemon, id: string, volumes: boolean): Promise<void> {
  const call = {
    method: "DELETE",
    path: `/containers/${id}`,
    query: { force: "1", v: volumes ? "1" : "0" },
  } as const;
  await waitFor(
    { what: `container ${id.slice(0, 12)} to be gone`, timeoutMs: removeMs },
    async () => {
      try {
        await daemon.find(call);
        return { done: true, value: undefined };
      } catch (error) {
        // Somebody else, or Docker itself, is removing it.
        if (error instanceof DockerError && error.status === 409)
          return { done: false, seen: error.message };
        throw error;
      }
    },
  );
}

async function destroy(recorded: Recorded, ctx: Context): Promise<void> {
  const { client: daemon, signal } = ctx;
  const inputs = containerInputs.partial().safeParse(recorded.inputs).data ?? {};
  const container = await inspect(daemon, recorded.id);
  if (container === undefined) return;
  if (container.State.Running) {
    const grace = inputs.destroyGraceSeconds ?? inputs.stopTimeout ?? defaultGraceSeconds;
    await daemon.find({
      method: "POST",
      path: `/containers/${recorded.id}/stop`,
      query: { t: String(grace) },
      signal,
      timeoutMs: grace * 1_000 + stopMarginMs,
    });
  }
  await remove(daemon, recorded.id, inputs.removeVolumes !== false);
}

export const container = resourceType<ContainerInputs, Daemon>({
  token: "docker:index/container:Container",
  inputs: containerInputs,
  computed: ["bridge", "containerLogs", "exitCode", "networkDatas"],
  stable: ["bridge", "containerLogs", "networkDatas"],
  check(news, ctx) {
    return news.name === undefined && !ctx.isUnknown("name")
      ? { set: { name: ctx.autoname("name") } }
      : {};
  },
  same: sameSet(unordered),
  change: ({ property, news }) => (isInPlace(property, news[property]) ? "update" : "replace"),
  // Two containers cannot have one name, nor one address.
  deleteBeforeReplace: () => true,
  create,
  async read(recorded, ctx) {
    const found = await inspect(ctx.client, recorded.id);
    if (found === undefined) return undefined;
    return {
      id: found.Id,
      inputs: inputsOf(found, recorded.inputs),
      outputs: outputsOf(found),
    };
  },
  async update(recorded, news, ctx) {
    const { client: daemon, signal } = ctx;
    const path = `/containers/${recorded.id}/update`;
    await daemon.call({ method: "POST", path, body: updateBody(news), signal });
    const before = await inspect(daemon, recorded.id);
    if (before?.State.Running === false && shouldRun(news)) await start(recorded.id, news, ctx);
    const after = await inspect(daemon, recorded.id);
    if (after === undefined) throw new Error(`the container ${news.name} is gone; refresh`);
    return outputsOf(after);
  },
  delete: destroy,
});
