import { z } from "zod";
import { nodeRanges } from "../../plan/blocks";
import type { CoePlan, NodePlan } from "../../plan/types";
import { inFamily } from "../../util/ranges";
import { bridgeDevice } from "../linux/input";
import { swarmPart } from "./model/plan";

/*
 * The two networks of a swarm whose tasks have addresses of the plan. Each node has one that is nothing but its settings
 * (`--config-only`), of the same name and with the node's own range; the swarm has one that takes them from there
 * (`--scope swarm --config-from`). Docker makes a bridge of it on a node when the first task comes, and removes it after
 * the last one (Docker: "docker network create").
 */

/** The settings of the network on one node. */
export interface NodeNetwork {
  readonly name: string;
  readonly subnets: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The network of the whole swarm. */
export interface SwarmNetwork {
  readonly name: string;
  readonly configFrom: string;
}

/** Says whose a network of settings is: on another one nothing is changed, and it is never removed. */
export const ownLabel = "seamless.coe";

const driver = "com.docker.network.bridge";

/** Since this version Docker drops what comes from outside for containers, whatever FORWARD says. */
export const firstToDrop = 28;

/** What the settings of one node follow from; plain data, the input of a step. */
export type NodeSettings = z.infer<typeof nodeSettings>;
export const nodeSettings = z.strictObject({
  /** Name of the COE in the plan. */
  coe: z.string(),
  /** Name of the swarm's network. */
  network: z.string(),
  /** The node's own range, or one of each family. */
  subnets: z.array(z.string()).readonly(),
});

export function settingsOf(coe: CoePlan, node: NodePlan): NodeSettings {
  return { coe: coe.name, network: swarmPart(coe).network, subnets: nodeRanges(node) };
}

/** The network's settings on one node. @param version of the node's Docker */
export function nodeNetwork({ coe, network, subnets }: NodeSettings, version: string): NodeNetwork {
  const open = majorOf(version) >= firstToDrop;
  return {
    name: settingsName(network),
    subnets,
    options: {
      [`${driver}.name`]: bridgeDevice,
      [`${driver}.enable_ip_masquerade`]: "false",
      ...(open && inFamily(subnets, 4).length > 0
        ? { [`${driver}.gateway_mode_ipv4`]: "nat-unprotected" }
        : {}),
      ...(open && inFamily(subnets, 6).length > 0
        ? { [`${driver}.gateway_mode_ipv6`]: "nat-unprotected" }
        : {}),
    },
    labels: { [ownLabel]: coe },
  };
}

/** The network of all nodes. */
export function swarmNetwork(name: string): SwarmNetwork {
  return { name, configFrom: settingsName(name) };
}

/** Name of the settings of a network, the same on every node. */
export function settingsName(network: string): string {
  return `${network}-node`;
}

/** The number before the first dot: `28` of `28.0.1`. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

/** Arguments of docker that make the settings of a node. */
export function createNodeNetwork({ name, subnets, options, labels }: NodeNetwork): string[] {
  const pairs = (flag: string, of: Readonly<Record<string, string>>) =>
    Object.entries(of).flatMap(([key, value]) => [flag, `${key}=${value}`]);
  return [
    ...["network", "create", "--config-only"],
    ...(inFamily(subnets, 6).length > 0 ? ["--ipv6"] : []),
    ...subnets.flatMap((subnet) => ["--subnet", subnet]),
    ...pairs("--opt", options),
    ...pairs("--label", labels),
    name,
  ];
}

/** Arguments of docker that make the network of the swarm. */
export function createSwarmNetwork({ name, configFrom }: SwarmNetwork): string[] {
  return [
    ...["network", "create", "--driver", "bridge", "--scope", "swarm", "--attachable"],
    ...["--config-from", configFrom, name],
  ];
}
