/** `docker.Network`. */
import { z } from "zod";
import { resourceType } from "../base/provider";
import { type Daemon, DockerError } from "./api";
import { isOurs, labelList, labelMap, sameSet } from "./labels";

const networkInputs = z.strictObject({
  name: z.string(),
  attachable: z.boolean().optional(),
  driver: z.string().optional(),
  internal: z.boolean().optional(),
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
  Scope: z.string(),
  Labels: z.record(z.string(), z.string()).nullable(),
  Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish(),
});

async function inspect(daemon: Daemon, id: string) {
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
    ...(config === undefined ? {} : { IPAM: { Config: config } }),
    ...(inputs.options === undefined ? {} : { Options: inputs.options }),
    Labels: labelMap(inputs.labels, urn),
  };
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
  deleteBeforeReplace: () => true,
  async create(inputs, ctx) {
    const { client: daemon, urn, signal } = ctx;
    const left = await inspect(daemon, inputs.name);
    if (left !== undefined && isOurs(left.Labels, urn)) {
      ctx.log("info", `removing the network ${inputs.name} that an interrupted run has left`);
      await daemon.find({ method: "DELETE", path: `/networks/${left.Id}` });
    }
    const body = networkBody(inputs, urn);
    const made = await daemon.call({ method: "POST", path: "/networks/create", body, signal });
    const { Id } = z.object({ Id: z.string() }).parse(made);
    return { id: Id, outputs: { scope: (await inspect(daemon, Id))?.Scope ?? "" } };
  },
  async read(recorded, { client: daemon }) {
    const found = await inspect(daemon, recorded.id);
    if (found === undefined) return undefined;
    return { id: found.Id, inputs: recorded.inputs, outputs: { scope: found.Scope } };
  },
  async delete(recorded, { client: daemon }) {
    try {
      await daemon.find({ method: "DELETE", path: `/networks/${recorded.id}` });
    } catch (error) {
      if (!(error instanceof DockerError)) throw error;
      const found = await inspect(daemon, recorded.id);
      const names = Object.values(found?.Containers ?? {}).map((one) => one.Name);
      if (names.length === 0) throw error;
      throw new Error(
        `${error.message}; attached: ${names.sort().join(", ")}. Remove or disconnect them (docker network disconnect)`,
      );
    }
  },
});
