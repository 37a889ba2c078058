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

/** Number of the list of AS paths; they have no names. */
const pathList = 199;

/** Cisco IOS XE. Its next hops towards another AS are unchanged by themselves on a common network (RFC 4271 5.1.3). */
export function renderIosXe(config: RouterConfig): string {
  const restart = restartTime(config);
  const families = [...new Set(config.neighbors.map(({ address }) => familyOf(address)))].sort();
  return `${[
    ...(config.neighbors.some((one) => isExternal(config, one))
      ? [`ip as-path access-list ${pathList} permit ${oneAs}`]
      : []),
    ...config.neighbors.flatMap((one) => policyLines(config, one)),
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
          ` match ${word} address prefix-list ${from}`,
          ` match ${word} next-hop prefix-list ${hop}`,
          ...(isExternal(config, one) ? [` match as-path ${pathList}`] : []),
          ...indented(resetLines(one), " "),
        ]),
    `route-map ${to} permit 10`,
    ...(one.noAdvertise === undefined ? [] : [" set community no-advertise additive"]),
  ];
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
