import { formatPrefix, holds, type Prefix } from "../util/net";
import type { Claim } from "./claims";
import type { Draft } from "./draft";
import { readHost } from "./family";
import type { Problem } from "./problems";

/** The networks of nodes as ranges that are claimed, with what follows from there being several. */
export function networks(config: Draft, nodes: readonly Prefix[], problems: Problem[]): Claim[] {
  const path = ["network", "nodes"];
  const coes = Object.values(config.coes);
  const allEmbedded = coes.length > 0 && coes.every(({ embedded }) => embedded);
  if (coes.some(({ embedded }) => embedded) && nodes.length > 1)
    problems.push({
      path,
      message: `found ${nodes.length} ranges; the lab has one network of nodes; allowed: one range`,
    });
  const used = nodes.filter((network) => coes.some((coe) => hasNodeIn(coe.nodes, network)));
  if (used.length > 1)
    problems.push({
      path,
      level: "warning",
      message: `found nodes in ${used.map(formatPrefix).join(" and ")}; there is no encapsulation, so the routers between these networks see the containers' own addresses: they need the routes, by sessions with the reflectors or as static routes`,
    });
  return nodes.map((range) => ({ path, range, routed: true, exists: !allEmbedded }));
}

function hasNodeIn(nodes: Draft["coes"][string]["nodes"], network: Prefix): boolean {
  return Object.values(nodes).some(({ address }) => {
    const host = readHost(address ?? "");
    return host !== undefined && holds(network, host);
  });
}
