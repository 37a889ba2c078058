import type { RouterConfig, RouterNeighbor } from "../routing";
import {
  familyOf,
  hostOf,
  indented,
  isExternal,
  lengths,
  listWord,
  nameOf,
  oneAs,
  resetLines,
  restartTime,
} from "./names";

const [pathList, allPaths] = ["seamless-one-as", "seamless-all-paths"];

/** Cisco NX-OS. */
export function renderNxOs(config: RouterConfig): string {
  const restart = restartTime(config);
  const several = config.neighbors.filter(({ severalPaths }) => severalPaths === true);
  const families = [...new Set(several.map(({ address }) => familyOf(address)))].sort();
  return `${[
    "feature bgp",
    ...(config.neighbors.some((one) => isExternal(config, one))
      ? [`ip as-path access-list ${pathList} permit "${oneAs}"`]
      : []),
    ...config.neighbors.flatMap((one) => policyLines(config, one)),
    ...(several.length === 0
      ? []
      : [`route-map ${allPaths} permit 10`, "  set path-selection all advertise"]),
    `router bgp ${config.asn}`,
    `  router-id ${config.routerId}`,
    `  cluster-id ${config.clusterId}`,
    "  bestpath compare-routerid",
    ...(restart === undefined
      ? []
      : ["  graceful-restart", `  graceful-restart restart-time ${restart}`]),
    ...families.flatMap((family) => [
      `  address-family ipv${family} unicast`,
      "    additional-paths send",
      `    additional-paths selection route-map ${allPaths}`,
    ]),
    ...config.neighbors.flatMap((one) => [
      `  neighbor ${one.address}`,
      ...indented(sessionLines(one), "    "),
    ]),
  ].join("\n")}\n`;
}

function policyLines(config: RouterConfig, one: RouterNeighbor): string[] {
  const [from, to, hop] = (["from", "to", "hop"] as const).map((what) => nameOf(what, one.address));
  const word = listWord(one.address);
  const lists = one.accepts.map(
    (pattern, index) =>
      `${word} prefix-list ${from} seq ${(index + 1) * 5} permit ${lengths(pattern)}`,
  );
  return [
    ...lists,
    ...(lists.length === 0
      ? [`route-map ${from} deny 10`]
      : [
          `${word} prefix-list ${hop} seq 5 permit ${hostOf(one.address)}`,
          `route-map ${from} permit 10`,
          `  match ${word} address prefix-list ${from}`,
          `  match ${word} next-hop prefix-list ${hop}`,
          ...(isExternal(config, one) ? [`  match as-path ${pathList}`] : []),
          ...indented(resetLines(one), "  "),
        ]),
    `route-map ${to} permit 10`,
    // RFC 4271 5.1.3 lets it write itself: traffic would go through it then.
    ...(isExternal(config, one) ? [`  set ${word} next-hop unchanged`] : []),
    ...(one.noAdvertise === undefined ? [] : ["  set community no-advertise additive"]),
  ];
}

function sessionLines(one: RouterNeighbor): string[] {
  return [
    `remote-as ${one.asn}`,
    `description ${one.description}`,
    ...(one.password === undefined ? [] : [`password 0 ${one.password}`]),
    ...(one.timers === undefined ? [] : [`timers ${one.timers.keepalive} ${one.timers.hold}`]),
    `address-family ipv${familyOf(one.address)} unicast`,
    ...indented(
      [
        "send-community",
        "soft-reconfiguration inbound always",
        ...(one.clusterId === undefined ? [] : ["route-reflector-client"]),
        // It looks for the neighbour's AS before it replaces it.
        ...(one.replacePeerAs === undefined ? [] : ["as-override", "disable-peer-as-check"]),
        ...(one.severalPaths === undefined ? [] : ["capability additional-paths send"]),
        `route-map ${nameOf("from", one.address)} in`,
        `route-map ${nameOf("to", one.address)} out`,
      ],
      "  ",
    ),
  ];
}
