import type { CoePlan } from "../../plan/types";
import { networkFile, networkPath } from "./cni";

/** The file by which each client knows the network. */
export function renderNetwork(coe: CoePlan): string {
  const path = networkPath(coe);
  return Object.values(coe.nodes)
    .filter(({ speaker }) => speaker)
    .map((node) => `# ${node.name}: ${path}\n${networkFile(coe, node)}`)
    .join("\n");
}

/**
 * Allocations ask the name servers of their client, unless their job names others: so those of the clients get the zones,
 * here dnsmasq, which is how Consul's own documentation forwards to Consul.
 */
export function renderForwards(forwards: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(forwards).flatMap(([zone, servers]) =>
    servers.map(
      (server) => `server=/${zone}/${server.replace(/:(\d+)$/, "#$1").replace(/[[\]]/g, "")}`,
    ),
  );
  return `# dnsmasq of each client, to which its /etc/resolv.conf leads: /etc/dnsmasq.d/seamless.conf\n${lines.join("\n")}\n`;
}
