import type { LabKind } from "../../../lab/contract";
import { dockerMachine, dockerVolumes, noImages } from "../../linux/lab/machine";

/** A swarm in the lab: machines with Docker, on which programs are run by the lab's own Docker. */
export const swarmLab: LabKind = {
  certificates: () => ({}),
  files: () => ({ files: [], units: [] }),
  volumes: () => dockerVolumes,
  forwards: () => ({}),
  endpoints: () => ({}),
  start: async (context) => (await import("./start.js")).startSwarm(context),
  images: noImages,
  machine: dockerMachine,
};
