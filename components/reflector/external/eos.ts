import type { RouterConfig, RouterNeighbor } from "../routing";
import {
  familyOf,
  hostOf,
  indented,
  isExternal,
  lengths,
  listWord,
  nameOf,
  resetLines,
  restartTime,
} from "./names";

/** Arista EOS. */
export function renderEos(config: RouterConfig): string {
  const restart = restartTime(config);
  const families = [...new Set(config.neighbors.map(({ address }) => familyOf(address)))].sort();
  return `${[
    ...config.neighbors.flatMap((one) => policyLines(config, one)),
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

function policyLines(config: RouterConfig, one: RouterNeighbor): string[] {
  const [from, to, hop] = (["from", "to", "hop"] as const).map((what) => nameOf(what, one.address));
  const word = listWord(one.address);
  const lists = one.accepts.map(
    (pattern, index) =>
      `${word} prefix-list ${from} seq ${(index + 1) * 10} permit ${lengths(pattern)}`,
  );
  return [
    ...lists,
    ...(lists.length === 0
      ? [`route-map ${from} deny 10`]
      : [
          `${word} prefix-list ${hop} seq 10 permit ${hostOf(one.address)}`,
          `route-map ${from} permit 10`,
          `   match ${word} address prefix-list ${from}`,
          `   match ${word} next-hop prefix-list ${hop}`,
          ...(isExternal(config, one) ? ["   match as-path length <= 1"] : []),
          ...indented(resetLines(one), "   "),
        ]),
    `route-map ${to} permit 10`,
    ...(one.noAdvertise === undefined ? [] : ["   set community no-advertise additive"]),
  ];
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
