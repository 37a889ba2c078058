import type { LabKind } from "../../../lab/contract";
import { dockerMachine, dockerVolumes, noImages } from "../../linux/lab/machine";

/** Plain hosts in the lab: machines with Docker, on which programs are run by the lab's own Docker. */
export const hostsLab: LabKind = {
  certificates: () => ({}),
  files: () => ({ files: [], units: [] }),
  volumes: () => dockerVolumes,
  forwards: () => ({}),
  endpoints: () => ({}),
  start: async (context) => (await import("../../linux/lab/start.js")).startDockerHosts(context),
  images: noImages,
  machine: dockerMachine,
};
