/** `docker.Container`. */
import { z } from "zod";
import { waitFor } from "../../../util/wait";
import { type CallContext, type Properties, type Recorded, resourceType } from "../base/provider";
import { type Daemon, DockerError } from "./api";
import {
  behaviour,
  type ContainerInputs,
  containerBody,
  containerInputs,
  endpointConfig,
  inPlace,
  unordered,
  updateBody,
} from "./container-body";
import { isOurs, sameSet } from "./labels";

type Context = CallContext<Daemon>;

/** How long a new container is watched: one that ends within it has failed. */
const watchMs = 1_000;
const defaultGraceSeconds = 10;

const inspected = z.object({
  Id: z.string(),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullable() }),
  State: z.object({ Running: z.boolean(), ExitCode: z.number(), Status: z.string() }),
  NetworkSettings: z.object({
    Networks: z.record(
      z.string(),
      z.object({
        Gateway: z.string().default(""),
        IPAddress: z.string().default(""),
        IPPrefixLen: z.number().default(0),
        MacAddress: z.string().default(""),
      }),
    ),
  }),
});
type Inspected = z.infer<typeof inspected>;

/** A container by id or name; undefined when there is none. */
async function inspect(daemon: Daemon, id: string): Promise<Inspected | undefined> {
  const found = await daemon.find({
    method: "GET",
    path: `/containers/${encodeURIComponent(id)}/json`,
  });
  return found === undefined ? undefined : inspected.parse(found);
}

function outputsOf(container: Inspected): Properties {
  const networks = Object.entries(container.NetworkSettings.Networks).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    bridge: "",
    exitCode: container.State.ExitCode,
    networkDatas: networks.map(([networkName, network]) => ({
      networkName,
      gateway: network.Gateway,
      ipAddress: network.IPAddress,
      ipPrefixLength: network.IPPrefixLen,
      macAddress: network.MacAddress,
      globalIpv6Address: "",
      globalIpv6PrefixLength: 0,
      ipv6Gateway: "",
    })),
  };
}

/** Makes way for a new container: what a killed run left of this resource goes, anybody else's stays. */
async function clearName(inputs: ContainerInputs, ctx: Context): Promise<void> {
  const found = await inspect(ctx.client, inputs.name);
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
  const created = z.object({ Id: z.string() }).parse(
    await daemon.call({
      method: "POST",
      path: "/containers/create",
      query: { name: inputs.name },
      body: containerBody(inputs, ctx.urn),
      signal,
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
    if (container === undefined) throw new Error(`the container ${inputs.name} has vanished`);
    return { id: created.Id, outputs: outputsOf(container) };
  } catch (error) {
    await remove(daemon, created.Id, true);
    throw error;
  }
}

/** Starts a container and watches it for a moment. */
async function start(id: string, inputs: ContainerInputs, ctx: Context): Promise<void> {
  const { client: daemon, signal } = ctx;
  await daemon.call({ method: "POST", path: `/containers/${id}/start`, signal });
  if (inputs.mustRun === false) return;
  const until = performance.now() + watchMs;
  await waitFor(
    { what: `container ${inputs.name} to run`, timeoutMs: 5 * watchMs, signal },
    async () => {
      const container = await inspect(daemon, id);
      if (container?.State.Running !== true && inputs.restart === undefined)
        throw new Error(
          `container ${inputs.name} ended at once with exit code ${container?.State.ExitCode}; it said: ${await lastLines(daemon, id)}`,
        );
      return container?.State.Running === true && performance.now() >= until
        ? { done: true, value: undefined }
        : { done: false, seen: container?.State.Status ?? "gone" };
    },
  );
}

async function lastLines(daemon: Daemon, id: string): Promise<string> {
  const query = { stdout: "1", stderr: "1", tail: "5" };
  const text = await daemon.text({ method: "GET", path: `/containers/${id}/logs`, query });
  // Each line has a header of eight bytes, the first of which, 1 or 2, says which stream it is of.
  const lines = text.split("\n").map((line) => (line.charCodeAt(0) < 3 ? line.slice(8) : line));
  const said = lines.join("\n").trim();
  return said === "" ? "nothing" : said;
}

async function remove(daemon: Daemon, id: string, volumes: boolean): Promise<void> {
  await daemon.find({
    method: "DELETE",
    path: `/containers/${id}`,
    query: { force: "1", v: volumes ? "1" : "0" },
  });
}

async function destroy(recorded: Recorded, ctx: Context): Promise<void> {
  const { client: daemon } = ctx;
  const inputs = containerInputs.partial().safeParse(recorded.inputs).data ?? {};
  const container = await inspect(daemon, recorded.id);
  if (container === undefined) return;
  if (container.State.Running) {
    const grace = inputs.destroyGraceSeconds ?? inputs.stopTimeout ?? defaultGraceSeconds;
    await daemon.find({
      method: "POST",
      path: `/containers/${recorded.id}/stop`,
      query: { t: String(grace) },
    });
  }
  try {
    await remove(daemon, recorded.id, inputs.removeVolumes !== false);
  } catch (error) {
    // Another run is removing it (409): gone is gone.
    if (!(error instanceof DockerError && error.status === 409)) throw error;
  }
}

export const container = resourceType<ContainerInputs, Daemon>({
  token: "docker:index/container:Container",
  inputs: containerInputs,
  computed: ["bridge", "exitCode", "networkDatas"],
  stable: ["bridge", "networkDatas"],
  check(news, ctx) {
    return news.name === undefined && !ctx.isUnknown("name")
      ? { set: { name: ctx.autoname("name") } }
      : {};
  },
  same: sameSet(unordered),
  change: ({ property }) =>
    inPlace.includes(property) || behaviour.includes(property) ? "update" : "replace",
  // Two containers cannot have one name, nor one address.
  deleteBeforeReplace: () => true,
  create,
  async read(recorded, ctx) {
    const found = await inspect(ctx.client, recorded.id);
    if (found === undefined) return undefined;
    const wanted = containerInputs.partial().safeParse(recorded.inputs).data ?? {};
    const stopped = !found.State.Running && wanted.mustRun !== false && wanted.start !== false;
    return {
      id: found.Id,
      // One that should run and does not is told as drift, which an update repairs.
      inputs: stopped ? { ...recorded.inputs, mustRun: false } : recorded.inputs,
      outputs: outputsOf(found),
    };
  },
  async update(recorded, news, ctx) {
    const { client: daemon } = ctx;
    const body = updateBody(news);
    if (Object.keys(body).length > 0)
      await daemon.call({ method: "POST", path: `/containers/${recorded.id}/update`, body });
    const before = await inspect(daemon, recorded.id);
    if (before?.State.Running === false && news.start !== false && news.mustRun !== false)
      await start(recorded.id, news, ctx);
    const after = await inspect(daemon, recorded.id);
    if (after === undefined) throw new Error(`the container ${news.name} is gone`);
    return outputsOf(after);
  },
  delete: destroy,
});
