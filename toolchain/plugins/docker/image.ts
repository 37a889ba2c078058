/** `docker.RemoteImage`. */
import { z } from "zod";
import { resourceType } from "../../../providers/base/provider";
import type { Daemon } from "./api";

/** A pull without `customTimeouts` gets half an hour. */
const pullMs = 30 * 60_000;

const imageInputs = z.strictObject({
  name: z.string().min(1),
  forceRemove: z.boolean().optional(),
  keepLocally: z.boolean().optional(),
  pullTriggers: z.array(z.string()).optional(),
  triggers: z.record(z.string(), z.string()).optional(),
});

/** What is recorded may have been written by an other version: only what is needed is looked at. */
const recordedInputs = z.object(imageInputs.shape).pick({
  name: true,
  forceRemove: true,
  keepLocally: true,
});

const inspected = z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullable() });

async function inspect(daemon: Daemon, name: string) {
  const path = `/images/${encodeURIComponent(name)}/json`;
  const found = await daemon.find({ method: "GET", path });
  return found === undefined ? undefined : inspected.parse(found);
}

function outputsOf(image: z.infer<typeof inspected>) {
  return { imageId: image.Id, repoDigest: image.RepoDigests?.[0] ?? "" };
}

/** An image by name is the one tagged latest; Docker would pull all tags of a name without any. */
export function pullQuery(name: string): Record<string, string> {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return /[:@]/.test(last) ? { fromImage: name } : { fromImage: name, tag: "latest" };
}

/** Progress comes as lines of JSON; a failure is one of them, after a status of 200. */
export function pullFailure(lines: string): string | undefined {
  const line = lines.split("\n").find((one) => one.includes('"errorDetail"'));
  if (line === undefined) return undefined;
  const parsed = z.object({ error: z.string() }).safeParse(JSON.parse(line));
  return parsed.data?.error ?? line.trim();
}

export const remoteImage = resourceType<z.infer<typeof imageInputs>, Daemon>({
  token: "docker:index/remoteImage:RemoteImage",
  inputs: imageInputs,
  computed: ["imageId", "repoDigest"],
  change: ({ property }) =>
    property === "keepLocally" || property === "forceRemove" ? "update" : "replace",
  async create(inputs, { client: daemon, signal, timeoutMs }) {
    if ((await inspect(daemon, inputs.name)) === undefined) {
      const query = pullQuery(inputs.name);
      const call = { method: "POST", path: "/images/create", query, signal } as const;
      const said = await daemon.bytes({ ...call, timeoutMs: timeoutMs ?? pullMs });
      const failure = pullFailure(said.toString("utf8"));
      if (failure !== undefined) throw new Error(`cannot pull ${inputs.name}: ${failure}`);
    }
    const found = await inspect(daemon, inputs.name);
    if (found === undefined) throw new Error(`the image ${inputs.name} is not there after a pull`);
    return { id: `${found.Id}${inputs.name}`, outputs: outputsOf(found) };
  },
  async read(recorded, { client: daemon }) {
    const found = await inspect(daemon, String(recorded.inputs.name ?? ""));
    if (found === undefined) return undefined;
    return { id: recorded.id, inputs: recorded.inputs, outputs: outputsOf(found) };
  },
  async update(recorded) {
    const { imageId = "", repoDigest = "" } = recorded.state;
    return { imageId, repoDigest };
  },
  async delete(recorded, { client: daemon }) {
    const inputs = recordedInputs.parse(recorded.inputs);
    if (inputs.keepLocally === true) return;
    await daemon.find({
      method: "DELETE",
      path: `/images/${encodeURIComponent(inputs.name)}`,
      query: { force: inputs.forceRemove === true ? "1" : "0" },
    });
  },
});
