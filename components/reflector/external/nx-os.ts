import type { RouterConfig, RouterNeighbor } from "../routing";
import { familyOf, indented, isExternal, listWord, nameOf, oneAs, restartTime } from "./names";
import { type PolicyWords, policyLines } from "./policy";

const [pathList, allPaths] = ["seamless-one-as", "seamless-all-paths"];

const words = (config: RouterConfig): PolicyWords => ({
  ...{ indent: "  ", step: 5, oneAs: `match as-path ${pathList}` },
  // RFC 4271 5.1.3 lets it write itself: traffic would go through it then.
  sent: (one) =>
    isExternal(config, one) ? [`set ${listWord(one.address)} next-hop unchanged`] : [],
});

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
    ...config.neighbors.flatMap((one) => policyLines(words(config), config, one)),
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
