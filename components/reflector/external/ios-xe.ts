import type { RouterConfig, RouterNeighbor } from "../routing";
import { familyOf, indented, isExternal, nameOf, oneAs, restartTime } from "./names";
import { type PolicyWords, policyLines } from "./policy";

/** Number of the list of AS paths; they have no names. */
const pathList = 199;

const words: PolicyWords = { indent: " ", step: 5, oneAs: `match as-path ${pathList}` };

/** Cisco IOS XE. Its next hops towards another AS are unchanged by themselves on a common network (RFC 4271 5.1.3). */
export function renderIosXe(config: RouterConfig): string {
  const restart = restartTime(config);
  const families = [...new Set(config.neighbors.map(({ address }) => familyOf(address)))].sort();
  return `${[
    ...(config.neighbors.some((one) => isExternal(config, one))
      ? [`ip as-path access-list ${pathList} permit ${oneAs}`]
      : []),
    ...config.neighbors.flatMap((one) => policyLines(words, config, one)),
    `router bgp ${config.asn}`,
    ` bgp router-id ${config.routerId}`,
    ` bgp cluster-id ${config.clusterId}`,
    " bgp bestpath compare-routerid",
    ...(restart === undefined
      ? []
      : [" bgp graceful-restart", ` bgp graceful-restart restart-time ${restart}`]),
    " no bgp default ipv4-unicast",
    ...config.neighbors.flatMap((one) => indented(sessionLines(one), ` neighbor ${one.address} `)),
    ...families.flatMap((family) => familyLines(config, family)),
  ].join("\n")}\n`;
}

function sessionLines(one: RouterNeighbor): string[] {
  return [
    `remote-as ${one.asn}`,
    `description ${one.description}`,
    ...(one.password === undefined ? [] : [`password ${one.password}`]),
    ...(one.timers === undefined ? [] : [`timers ${one.timers.keepalive} ${one.timers.hold}`]),
  ];
}

function familyLines(config: RouterConfig, family: 4 | 6): string[] {
  const all = config.neighbors.filter(({ address }) => familyOf(address) === family);
  const several = all.some(({ severalPaths }) => severalPaths === true);
  return [
    ` address-family ipv${family}`,
    ...(several ? ["  bgp additional-paths select all"] : []),
    ...all.flatMap((one) =>
      indented(
        [
          "activate",
          "send-community",
          "soft-reconfiguration inbound",
          ...(one.clusterId === undefined ? [] : ["route-reflector-client"]),
          ...(one.severalPaths === undefined
            ? []
            : ["additional-paths send", "advertise additional-paths all"]),
          `route-map ${nameOf("from", one.address)} in`,
          `route-map ${nameOf("to", one.address)} out`,
        ],
        `  neighbor ${one.address} `,
      ),
    ),
    " exit-address-family",
  ];
}
