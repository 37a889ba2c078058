import { z } from "zod";
import type { CoeConfig } from "../../../config/types";
import type { OwnPart } from "../../../plan/kind";
import type { CoePlan } from "../../../plan/types";
import { ownOf } from "./config";

/** What a plan says of Nomad alone. */
export type NomadPart = z.infer<typeof part>;
const part = z
  .object({
    /** Name of its CNI network. */
    network: z.string(),
    /** Where its clients have their CNI files. */
    cniConfigDir: z.string(),
    /** The systemd unit of the clients' agent. */
    unit: z.string(),
  })
  .readonly();

export function nomadPart(coe: CoePlan): NomadPart {
  return part.parse(coe);
}

export const usual = {
  network: "seamless",
  cniConfigDir: "/opt/cni/config",
  unit: "nomad.service",
} as const;

export function ownPart(coe: CoeConfig): OwnPart {
  const { network, cniConfigDir, unit } = ownOf(coe);
  return {
    addons: [],
    network: network ?? usual.network,
    cniConfigDir: cniConfigDir ?? usual.cniConfigDir,
    unit: unit ?? usual.unit,
  };
}

/** What jobs say for the network: `cni/seamless`. */
export function networkMode(coe: CoePlan): string {
  return `cni/${nomadPart(coe).network}`;
}
