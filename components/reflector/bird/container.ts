import type { RouterContainer } from "../contract";

const folder = "/etc/bird";
const configFile = `${folder}/bird.conf`;
const apiFolder = "/run/bird";

/** It lets everybody who reaches it change everything. */
export const birdSocket = `${apiFolder}/bird.ctl`;

export const birdContainer: RouterContainer = {
  resource: "bird",
  configFolder: folder,
  configFile,
  apiFolder,
  api: birdSocket,
  entrypoints: ["bird"],
  // -R: after a restart keep to RFC 4724.
  command: ["-f", "-R", "-c", configFile, "-s", birdSocket],
  // Its times are read without a zone.
  envs: ["TZ=UTC"],
};
