import type { ReflectorPlan } from "../../../plan/types";
import type { RouterContainer } from "../contract";

const folder = "/etc/bgpd";
const configFile = `${folder}/bgpd.conf`;

/** Where bgpd's socket is. It lets everybody who reaches it change everything. */
export const frrSockets = "/run/frr";

export const frrContainer: RouterContainer = {
  resource: "frr",
  configFolder: folder,
  configFile,
  apiFolder: frrSockets,
  api: frrSockets,
  entrypoints: ["bgpd"],
  command: [
    // It stays who it is, and asks for no capability.
    "-S",
    // Without zebra: it forwards nothing.
    "-Z",
    // No terminal on the network.
    ...["-P", "0"],
    ...["-f", configFile, "-i", `${frrSockets}/bgpd.pid`, "--vty_socket", frrSockets],
  ],
  // Where it listens is no part of its file.
  arguments: ({ address, port }: ReflectorPlan) => [
    ...["-l", address],
    ...(port === undefined ? [] : ["-p", String(port)]),
  ],
};
