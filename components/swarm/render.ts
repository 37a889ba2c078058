import type { CoePlan } from "../../plan/types";
import { swarmPart } from "./model/plan";
import {
  createNodeNetwork,
  createSwarmNetwork,
  firstToDrop,
  nodeNetwork,
  settingsOf,
  swarmNetwork,
} from "./networks";

/** The commands that make the networks, as an operator would type them. */
export function renderNetworks(coe: CoePlan): string {
  const nodes = Object.values(coe.nodes);
  const each = nodes.flatMap((node) => [
    `# ${node.name}`,
    command(createNodeNetwork(nodeNetwork(settingsOf(coe, node), `${firstToDrop - 1}`))),
  ]);
  const [manager] = nodes.filter(({ role }) => role === "manager");
  return [
    `# From Docker ${firstToDrop} on, with --opt com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected, and _ipv6 the same.`,
    ...each,
    `# ${manager?.name ?? "a manager"}, when all nodes have theirs`,
    command(createSwarmNetwork(swarmNetwork(swarmPart(coe).network))),
    "",
  ].join("\n");
}

function command(args: readonly string[]): string {
  return `docker ${args.join(" ")}`;
}

/**
 * Docker asks the name servers of its host for whatever it does not know, and has no servers for single zones: so the hosts'
 * resolver gets them, here dnsmasq.
 */
export function renderForwards(forwards: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(forwards).flatMap(([zone, servers]) =>
    servers.map(
      (server) => `server=/${zone}/${server.replace(/:(\d+)$/, "#$1").replace(/[[\]]/g, "")}`,
    ),
  );
  return `# dnsmasq of each node, to which the node's /etc/resolv.conf leads: /etc/dnsmasq.d/seamless.conf\n${lines.join("\n")}\n`;
}
