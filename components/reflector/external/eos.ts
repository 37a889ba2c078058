import type { RouterConfig, RouterNeighbor } from "../routing";
import { familyOf, indented, isExternal, nameOf, restartTime } from "./names";
import { type PolicyWords, policyLines } from "./policy";

const words: PolicyWords = { indent: "   ", step: 10, oneAs: "match as-path length <= 1" };

/** Arista EOS. */
export function renderEos(config: RouterConfig): string {
  const restart = restartTime(config);
  const families = [...new Set(config.neighbors.map(({ address }) => familyOf(address)))].sort();
  return `${[
    ...config.neighbors.flatMap((one) => policyLines(words, config, one)),
    `router bgp ${config.asn}`,
    `   router-id ${config.routerId}`,
    `   bgp cluster-id ${config.clusterId}`,
    "   no bgp default ipv4-unicast",
    ...(restart === undefined
      ? []
      : ["   graceful-restart", `   graceful-restart restart-time ${restart}`]),
    ...config.neighbors.flatMap((one) =>
      indented(sessionLines(config, one), `   neighbor ${one.address} `),
    ),
    ...families.flatMap((family) => [
      `   address-family ipv${family}`,
      ...config.neighbors
        .filter(({ address }) => familyOf(address) === family)
        .map(({ address }) => `      neighbor ${address} activate`),
    ]),
  ].join("\n")}\n`;
}

function sessionLines(config: RouterConfig, one: RouterNeighbor): string[] {
  return [
    `remote-as ${one.asn}`,
    `description ${one.description}`,
    ...(one.password === undefined ? [] : [`password 0 ${one.password}`]),
    ...(one.timers === undefined ? [] : [`timers ${one.timers.keepalive} ${one.timers.hold}`]),
    ...(one.clusterId === undefined ? [] : ["route-reflector-client"]),
    ...(isExternal(config, one) ? ["next-hop-unchanged"] : []),
    ...(one.replacePeerAs === undefined ? [] : ["as-path remote-as replace out"]),
    ...(one.severalPaths === undefined ? [] : ["additional-paths send any"]),
    "send-community",
    `route-map ${nameOf("from", one.address)} in`,
    `route-map ${nameOf("to", one.address)} out`,
  ];
}
