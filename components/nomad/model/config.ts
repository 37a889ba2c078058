import { z } from "zod";
import type { CoeDraft } from "../../../config/draft";
import { type Readable, readable } from "../../../config/readable";
import type { CoeConfig } from "../../../config/types";

const text = z.string().exactOptional();

/** Fields of a cluster's record that no other kind has. */
export const fields = {
  /** Name of the CNI network: jobs say `mode = "cni/<name>"`. Default: seamless. */
  network: text,
  /** What clients have as `client.cni_config_dir`. Default: /opt/cni/config. */
  cniConfigDir: text,
  /** The systemd unit of the clients' agent, which is reloaded for a new network. Default: nomad.service. */
  unit: text,
};

export const probeFields = {
  /** The task driver of the probe. Default: docker with an image, else exec. */
  driver: z.enum(["docker", "podman", "exec", "raw_exec"]).exactOptional(),
  /** The program that it runs, with its arguments. Default: the image's own, or python3. */
  command: z.array(z.string()).readonly().exactOptional(),
};

const own = z.object(fields);
const probe = z.object(probeFields);
export type ProbeConfig = z.infer<typeof probe>;

export function ownOf(coe: CoeConfig): z.infer<typeof own> {
  return own.parse(coe);
}

export function probeOf(coe: CoeConfig): ProbeConfig {
  return probe.parse(coe.probe ?? {});
}

export function draftOf(coe: CoeDraft): Readable<z.infer<typeof own>> {
  return readable(own, coe.written) ?? {};
}
