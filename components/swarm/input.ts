import { z } from "zod";
import { shellSchema } from "../../plan/access";
import { coePlanSchema } from "../../plan/types";
import { hostOfStep } from "../linux/step";
import { type OnNode, onHosts } from "./docker";
import { nodeSettings } from "./networks";

/*
 * The inputs of steps. Each has the ways to the nodes that it works on; a key that is a secret comes by the environment.
 */

/** By name of the node, how a program is run there. */
const hosts = z.record(z.string(), shellSchema).readonly();

/** Input of `swarm-inspect`. */
export type SwarmInspectInput = z.infer<typeof swarmInspectInput>;
export const swarmInspectInput = z.strictObject({
  hosts,
  coe: coePlanSchema,
  /** By name of the COE, the ranges of all containers of the plan. */
  ranges: z.record(z.string(), z.array(z.string()).readonly()).readonly(),
});

/** Input of `swarm-node` and `swarm-node-delete`: the settings of the network on one node. */
export type SwarmNodeInput = z.infer<typeof swarmNodeInput>;
export const swarmNodeInput = z.strictObject({ hosts, node: z.string(), settings: nodeSettings });

/** Input of `swarm-network` and `swarm-network-delete`: the network, which the first manager that answers makes. */
export type SwarmNetworkInput = z.infer<typeof swarmNetworkInput>;
export const swarmNetworkInput = z.strictObject({
  hosts,
  /** Names of nodes, in the order in which they are asked. */
  managers: z.array(z.string()).min(1).readonly(),
  network: z.string(),
});

/** What `swarm-network` prints, and its next run gets. */
export const swarmNetworkResult = z.object({ network: z.string() });

/** Input of `swarm-probe` and `swarm-probe-delete`. */
export type SwarmProbeInput = z.infer<typeof swarmProbeInput>;
export const swarmProbeInput = z.strictObject({
  hosts,
  managers: z.array(z.string()).min(1).readonly(),
  /** Arguments of docker that make the service. */
  service: z.array(z.string()).readonly(),
});

/** Runs programs on the nodes of a step, which has the key in its environment. */
export function onNodesOf(input: { readonly hosts: z.infer<typeof hosts> }): OnNode {
  const environment = { ...process.env };
  return onHosts(
    Object.fromEntries(
      Object.entries(input.hosts).map(([name, shell]) => [
        name,
        hostOfStep({ name, shell }, { ...environment }),
      ]),
    ),
  );
}
