/** `docker.Volume`. */
import { z } from "zod";
import { resourceType } from "../../../providers/base/provider";
import type { Daemon } from "./api";
import { isOurs, labelList, labelMap, sameSet } from "./labels";

const volumeInputs = z.strictObject({
  name: z.string(),
  driver: z.string().optional(),
  driverOpts: z.record(z.string(), z.string()).optional(),
  labels: labelList.optional(),
});

const inspected = z.object({
  Name: z.string(),
  Mountpoint: z.string(),
  Labels: z.record(z.string(), z.string()).nullable(),
});

async function inspect(daemon: Daemon, name: string) {
  const path = `/volumes/${encodeURIComponent(name)}`;
  const found = await daemon.find({ method: "GET", path });
  return found === undefined ? undefined : inspected.parse(found);
}

export const volume = resourceType<z.infer<typeof volumeInputs>, Daemon>({
  token: "docker:index/volume:Volume",
  inputs: volumeInputs,
  computed: ["mountpoint"],
  check(news, ctx) {
    return news.name === undefined && !ctx.isUnknown("name")
      ? { set: { name: ctx.autoname("name") } }
      : {};
  },
  same: sameSet(["labels"]),
  change: () => "replace",
  deleteBeforeReplace: () => true,
  async create(inputs, { client: daemon, urn, signal, log }) {
    const there = await inspect(daemon, inputs.name);
    if (there !== undefined && isOurs(there.Labels, urn))
      log("info", `taking over the volume ${inputs.name} that an interrupted run has left`);
    // Docker would hand out the volume of that name as if it were new, data and all.
    if (there !== undefined && !isOurs(there.Labels, urn))
      throw new Error(
        `the volume ${inputs.name} is there already and this resource did not make it; remove it (docker volume rm ${inputs.name}) or choose another name`,
      );
    signal.throwIfAborted();
    const body = {
      Name: inputs.name,
      Driver: inputs.driver ?? "local",
      ...(inputs.driverOpts === undefined ? {} : { DriverOpts: inputs.driverOpts }),
      Labels: labelMap(inputs.labels, urn),
    };
    const made = await daemon.call({ method: "POST", path: "/volumes/create", body });
    const { Name, Mountpoint } = inspected.parse(made);
    return { id: Name, outputs: { mountpoint: Mountpoint } };
  },
  async read(recorded, { client: daemon }) {
    const found = await inspect(daemon, recorded.id);
    if (found === undefined) return undefined;
    return {
      id: found.Name,
      inputs: recorded.inputs,
      outputs: { mountpoint: found.Mountpoint },
    };
  },
  async delete(recorded, { client: daemon }) {
    await daemon.find({ method: "DELETE", path: `/volumes/${encodeURIComponent(recorded.id)}` });
  },
});
