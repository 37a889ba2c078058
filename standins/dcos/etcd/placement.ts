import { satisfies } from "../master/constraints";
import type { AgentView } from "../protocol";
import type { EtcdSettings } from "./settings";
import type { EtcdNode } from "./state";

const place = (address: string) => ({ hostname: address, attributes: {} });

/**
 * The agent for one more member, the first by name that has room for it: one of role `*`, where the constraints
 * hold, the fixed ports are free, and with enough left. Undefined when there is none.
 */
export function placeNode(
  settings: EtcdSettings,
  agents: readonly AgentView[],
  nodes: readonly EtcdNode[],
): AgentView | undefined {
  const eligible = agents.filter((agent) => agent.role === "private");
  const all = eligible.map((agent) => place(agent.address));
  const taken = nodes.map((node) => place(node.address));
  return eligible
    .filter(({ name, address, offered, resources, usedPorts }) => {
      const own = nodes.filter((node) => node.agent === name);
      const ports = [settings.clientPort, settings.peerPort];
      return (
        offered &&
        own.length === 0 &&
        !ports.some((port) => usedPorts.includes(port)) &&
        resources.cpus >= settings.cpus &&
        resources.mem >= settings.mem &&
        settings.placement.every((one) => satisfies(one, place(address), taken, all))
      );
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))[0];
}
