import { nodeRanges } from "../../plan/blocks";
import type { CoePlan, NodePlan } from "../../plan/types";
import { familyOf } from "../../util/net";
import { bridgeDevice } from "../linux/input";
import { nomadPart } from "./model/plan";

/** Where host-local keeps who has which address: gone after a restart of the host, as the allocations' namespaces are. */
export const leaseDir = "/run/seamless/cni";

/** Programs of the CNI project that the network is made of, as a client tells them in its attributes. */
export const neededPlugins = ["bridge", "host-local", "portmap"] as const;

/** Path of the file by which clients know the network. */
export function networkPath(coe: CoePlan): string {
  const { cniConfigDir, network } = nomadPart(coe);
  return `${cniConfigDir}/${network}.conflist`;
}

/**
 * The file itself, for one client: the bridge that its host has in its range, with the host's own address as gateway. CHECK is not known below version 0.4.0, and a client
 * that restarts would make the namespaces of its allocations anew without a network.
 */
export function networkFile(coe: CoePlan, node: NodePlan): string {
  const ranges = nodeRanges(node);
  const routes = ranges.map((range) => ({ dst: familyOf(range) === 6 ? "::/0" : "0.0.0.0/0" }));
  const list = {
    cniVersion: "1.0.0",
    name: nomadPart(coe).network,
    plugins: [
      {
        type: "bridge",
        bridge: bridgeDevice,
        isGateway: true,
        // What leaves for other COEs keeps its own address.
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: leaseDir,
          ranges: ranges.map((subnet) => [{ subnet }]),
          routes,
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}
