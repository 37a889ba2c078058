import { z } from "zod";
import type { RouterContainer } from "../contract";

const folder = "/etc/gobgp";
export const configFile = `${folder}/gobgpd.toml`;
const apiFolder = "/run/gobgp";

/** It lets everybody who reaches it change everything. */
export const gobgpApi = `unix://${apiFolder}/api.sock`;

/** gobgpd would answer questions about itself on a TCP port, too. */
export const noListeners = ["--pprof-disable", "--metrics-path="];

export const gobgpContainer: RouterContainer = {
  resource: "gobgp",
  configFolder: folder,
  configFile,
  apiFolder,
  api: gobgpApi,
  entrypoints: ["gobgpd"],
  // -r: after a restart keep to RFC 4724. The API is for `docker exec` alone.
  command: ["-t", "toml", "-f", configFile, "-r", "--api-hosts", gobgpApi, ...noListeners],
};

/** Reads `docker inspect --format {{json .Args}}`: a container that an older version of this program made has no socket. */
export function apiOf(args: string): string | undefined {
  return z.array(z.string()).parse(JSON.parse(args)).includes(gobgpApi) ? gobgpApi : undefined;
}
