/** `docker.Network`. */
import { z } from "zod";
import { type CallContext, resourceType } from "../../../providers/base/provider";
import { type Daemon, DockerError } from "./api";
import { isAsked, isOurs, labelList, labelMap, sameSet, specLabel } from "./labels";

const networkInputs = z.strictObject({
  name: z.string(),
  attachable: z.boolean().optional(),
  driver: z.string().optional(),
  internal: z.boolean().optional(),
  ipv6: z.boolean().optional(),
  ipamConfigs: z
    .array(
      z.strictObject({
        subnet: z.string().optional(),
        gateway: z.string().optional(),
        ipRange: z.string().optional(),
      }),
    )
    .optional(),
  labels: labelList.optional(),
  options: z.record(z.string(), z.string()).optional(),
});
type NetworkInputs = z.infer<typeof networkInputs>;

const inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Scope: z.string(),
  Labels: z.record(z.string(), z.string()).nullable(),
  Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish(),
});
type Inspected = z.infer<typeof inspected>;

async function inspect(daemon: Daemon, id: string): Promise<Inspected | undefined> {
  const path = `/networks/${encodeURIComponent(id)}`;
  const found = await daemon.find({ method: "GET", path });
  return found === undefined ? undefined : inspected.parse(found);
}

/** The body of `POST /networks/create`. */
export function networkBody(inputs: NetworkInputs, urn: string): Record<string, unknown> {
  const config = inputs.ipamConfigs?.map((one) => ({
    ...(one.subnet === undefined ? {} : { Subnet: one.subnet }),
    ...(one.gateway === undefined ? {} : { Gateway: one.gateway }),
    ...(one.ipRange === undefined ? {} : { IPRange: one.ipRange }),
  }));
  return {
    Name: inputs.name,
    CheckDuplicate: true,
    Driver: inputs.driver ?? "bridge",
    Internal: inputs.internal ?? false,
    Attachable: inputs.attachable ?? false,
    ...(inputs.ipv6 === undefined ? {} : { EnableIPv6: inputs.ipv6 }),
    ...(config === undefined ? {} : { IPAM: { Config: config } }),
    ...(inputs.options === undefined ? {} : { Options: inputs.options }),
    Labels: { ...labelMap(inputs.labels, urn), ...specLabel(inputs) },
  };
}

/**
 * What a killed run left of this resource is taken over when it is just what is asked for now, else removed.
 * @returns the network taken over
 */
async function takeOver(
  inputs: NetworkInputs,
  ctx: CallContext<Daemon>,
): Promise<Inspected | undefined> {
  const left = await inspect(ctx.client, inputs.name);
  // Docker takes the beginning of an id for a name, too.
  if (left?.Name !== inputs.name) return undefined;
  if (!isOurs(left.Labels, ctx.urn))
    throw new Error(
      `the name ${inputs.name} is taken by network ${left.Id.slice(0, 12)}, which this resource did not make; remove it (docker network rm ${inputs.name}) or choose another name`,
    );
  if (isAsked(left.Labels, inputs)) {
    ctx.log("info", `taking over the network ${inputs.name} that an interrupted run has left`);
    return left;
  }
  ctx.log("info", `removing the network ${inputs.name} that an interrupted run has left`);
  await remove(ctx.client, left.Id);
  return undefined;
}

async function remove(daemon: Daemon, id: string): Promise<void> {
  try {
    await daemon.find({ method: "DELETE", path: `/networks/${id}` });
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    const found = await inspect(daemon, id);
    const names = Object.values(found?.Containers ?? {}).map((one) => one.Name);
    if (names.length === 0) throw error;
    throw new Error(
      `${error.message}; attached: ${names.sort().join(", ")}. Remove them, or disconnect them (docker network disconnect -f ${found?.Name} CONTAINER)`,
    );
  }
}

export const network = resourceType<NetworkInputs, Daemon>({
  token: "docker:index/network:Network",
  inputs: networkInputs,
  computed: ["scope"],
  check(news, ctx) {
    return news.name === undefined && !ctx.isUnknown("name")
      ? { set: { name: ctx.autoname("name") } }
      : {};
  },
  same: sameSet(["ipamConfigs", "labels"]),
  change: () => "replace",
  // Two networks cannot have one name, nor one subnet.
  deleteBeforeReplace: () => true,
  async create(inputs, ctx) {
    const { client: daemon, urn, signal } = ctx;
    const left = await takeOver(inputs, ctx);
    if (left !== undefined) return { id: left.Id, outputs: { scope: left.Scope } };
    signal.throwIfAborted();
    const body = networkBody(inputs, urn);
    const made = await daemon.call({ method: "POST", path: "/networks/create", body });
    const { Id } = z.object({ Id: z.string() }).parse(made);
    return { id: Id, outputs: { scope: (await inspect(daemon, Id))?.Scope ?? "" } };
  },
  async read(recorded, { client: daemon }) {
    const found = await inspect(daemon, recorded.id);
    if (found === undefined) return undefined;
    return { id: found.Id, inputs: recorded.inputs, outputs: { scope: found.Scope } };
  },
  delete: (recorded, { client }) => remove(client, recorded.id),
});
