import { type PrefixPattern, parseAddress, prefix as prefixIn, widthOf } from "../../../util/net";
import type { RouterConfig, RouterNeighbor } from "../routing";

/** Seconds between attempts to connect. */
const connectRetry = 5;

/** Seconds from a change of what is accepted until the routes that are there are judged by it; FRR waits for 5. */
const judgeAfter = 1;

/**
 * Milliseconds for which updates are collected. FRR waits longer the more neighbours it has: 1 s, and 50 ms for each, up to 10 s,
 * in which a node that comes up has no routes.
 */
const collectFor = 100;

/**
 * The map of what goes out to clients as it is. FRR makes an update once for all neighbours that have everything of it alike, the
 * map's name, too. Not for nodes in other ASs: `as-override` puts the reflector's AS in place of one of theirs, and FRR (8.4) takes
 * them for alike whatever theirs is.
 */
const unchanged = "to-all";

/** Whose bgpd a file is for. */
export interface FrrOptions {
  /** Whether it runs without zebra, and knows of no interface then. Default: with zebra. */
  readonly alone?: boolean;
}

/** bgpd.conf of our own container. A neighbour has a part of its own, with all that is about it. */
export function renderFrr(config: RouterConfig): string {
  return `${[
    "! Made by seamless. The next update puts back what is changed here.",
    "frr defaults traditional",
    "log stdout",
    `bgp route-map delay-timer ${judgeAfter}`,
    `route-map ${unchanged} permit 1`,
    "exit",
    `router bgp ${config.asn}`,
    ...instanceLines(config).map((line) => ` ${line}`),
    ` coalesce-time ${collectFor}`,
    " no bgp default ipv4-unicast",
    ...[...gracefulLines(config), ...heldLines(config)].map((line) => ` ${line}`),
    "exit",
    ...config.neighbors.flatMap((one) => ["!", ...neighborLines(config, one, { alone: true })]),
  ].join("\n")}\n`;
}

/** Who the router is, and how it tells paths of equal rank apart. */
export function instanceLines({ routerId, clusterId, neighbors }: RouterConfig): string[] {
  return [
    // Without it, what a route map sets is left out of what is reflected.
    ...(neighbors.some(({ nextHopSelf }) => nextHopSelf !== undefined)
      ? ["bgp route-reflector allow-outbound-policy"]
      : []),
    `bgp router-id ${routerId}`,
    `bgp cluster-id ${clusterId}`,
    // By age otherwise, so that tables differ from one router to the next.
    "bgp bestpath compare-routerid",
    // Without it, what is reflected would go out without the community that a route map adds.
    ...(neighbors.some(({ noAdvertise }) => noAdvertise === true)
      ? ["bgp route-reflector allow-outbound-policy"]
      : []),
  ];
}

/** What it says of its restarts. */
export function gracefulLines(config: RouterConfig): string[] {
  const graceful = longestGraceful(config);
  if (graceful === undefined) return [];
  return [
    // After a start it waits so long at most for the neighbours' routes before it sends any.
    `bgp graceful-restart select-defer-time ${graceful.deferral}`,
    `bgp graceful-restart restart-time ${graceful.restart}`,
    // Neighbours give up the routes of one that does not say so.
    "bgp graceful-restart preserve-fw-state",
    "bgp graceful-restart",
  ];
}

/**
 * After a start nothing is sent before every neighbour has sent what it has, or the time is over. Graceful restart alone waits for
 * those whose sessions are up when the first of them has sent all (8.4): who comes a moment later has its routes taken from the others.
 */
function heldLines(config: RouterConfig): string[] {
  const graceful = longestGraceful(config);
  return graceful === undefined ? [] : [`update-delay ${graceful.deferral}`];
}

/** The longest times of its neighbours, for the daemon has one of each; undefined where no session restarts gracefully. */
function longestGraceful({ neighbors }: RouterConfig): RouterNeighbor["gracefulRestart"] {
  const all = neighbors.flatMap(({ gracefulRestart }) => gracefulRestart ?? []);
  if (all.length === 0) return undefined;
  const longest = (time: "restart" | "deferral") => Math.max(...all.map((one) => one[time]));
  return { restart: longest("restart"), deferral: longest("deferral") };
}

/** One neighbour with its prefixes and route maps. */
export function neighborLines(
  config: RouterConfig,
  one: RouterNeighbor,
  options: FrrOptions = {},
): string[] {
  const external = one.asn !== config.asn;
  return [
    `! ${one.description}`,
    ...importLines(one.address, one.accepts, one.localPref, one.longestPath),
    ...exportLines(one, options),
    `router bgp ${config.asn}`,
    ...sessionLines(one, external, options).map((line) => ` neighbor ${one.address} ${line}`),
    ...otherFamily(one, options),
    ` address-family ${familyWord(one.address)} unicast`,
    ...policyLines(one, external, options).map((line) => `  neighbor ${one.address} ${line}`),
    " exit-address-family",
    "exit",
  ];
}

/** The name of the map of what a neighbour is sent. A router that is not ours may have one called like ours. */
function exportMap(one: RouterNeighbor, { alone = false }: FrrOptions): string {
  const asItIs = one.nextHopSelf === undefined && one.noAdvertise === undefined;
  return alone && asItIs && one.clusterId !== undefined ? unchanged : `to-${one.address}`;
}

/** Who forwards between segments is the next hop of what comes from another one. */
function exportLines(one: RouterNeighbor, options: FrrOptions): string[] {
  const [name, word] = [exportMap(one, options), listWord(one.address)];
  if (name === unchanged) return [];
  // NO_ADVERTISE (RFC 1997).
  const community = one.noAdvertise === undefined ? [] : [" set community no-advertise additive"];
  if (one.nextHopSelf === undefined) return [`route-map ${name} permit 1`, ...community, "exit"];
  const { keeps } = one.nextHopSelf;
  const self = word === "ip" ? "set ip next-hop" : "set ipv6 next-hop global";
  return [
    ...(keeps === undefined
      ? []
      : [
          `${word} prefix-list ${name} seq 1 permit ${patternText({ prefix: keeps, min: prefixIn(keeps).length, max: widthOf[prefixIn(keeps).family] })}`,
          `route-map ${name} permit 1`,
          ` match ${word} next-hop prefix-list ${name}`,
          ...community,
          "exit",
        ]),
    `route-map ${name} permit 2`,
    ` ${self} ${one.local}`,
    ...community,
    "exit",
  ];
}

/** The attributes by which a node could have its paths preferred, in the order in which FRR shows them. */
export function resetLines(localPref: number): string[] {
  return [
    "set community none",
    "set extcommunity none",
    "set large-community none",
    `set local-preference ${localPref}`,
    "set metric 0",
    "set origin igp",
  ];
}

/**
 * What is accepted of a neighbour. The paths of a node in another AS have that AS and nothing else in them; with more it passes
 * on somebody else's.
 * @param localPref what LOCAL_PREF is set to; other attributes are reset with it
 * @param longest how many numbers its AS paths may have; undefined where that does not matter
 */
export function importLines(
  address: string,
  accepts: readonly PrefixPattern[],
  localPref: number,
  longest: number | undefined,
): string[] {
  const name = `from-${address}`;
  if (accepts.length === 0) return [`route-map ${name} deny 1`, "exit"];
  const word = listWord(address);
  return [
    ...accepts.map((pattern, index) => listLine(address, pattern, index + 1)),
    ...(longest === undefined
      ? []
      : [`bgp as-path access-list ${name} seq 1 permit ${pathPattern(longest)}`]),
    `route-map ${name} permit 1`,
    ...(longest === undefined ? [] : [` match as-path ${name}`]),
    ` match ${word} address prefix-list ${name}`,
    ` match ${word} next-hop address ${address}`,
    ...resetLines(localPref).map((line) => ` ${line}`),
    "exit",
  ];
}

/** A line of the list of prefixes that are accepted of a neighbour. */
export function listLine(address: string, pattern: PrefixPattern, sequence?: number): string {
  const seq = sequence === undefined ? "" : ` seq ${sequence}`;
  return `${listWord(address)} prefix-list from-${address}${seq} permit ${patternText(pattern)}`;
}

/** Prefixes as a list of FRR has them. */
export function patternText({ prefix, min, max }: PrefixPattern): string {
  const { length, family } = prefixIn(prefix);
  const least = min === length ? "" : ` ge ${min}`;
  // `ge` alone means up to the longest.
  const most = max === length || (min > length && max === widthOf[family]) ? "" : ` le ${max}`;
  return `${prefix}${least}${most}`;
}

/** FRR tells AS paths apart by their text: that many numbers, or fewer. */
function pathPattern(longest: number): string {
  return longest === 0 ? "^$" : `^([0-9]+${pathMore.repeat(longest - 1)})?$`;
}

const pathMore = "( [0-9]+)?";

/** How many numbers the paths may have that a pattern of {@link importLines} takes; undefined for any other pattern. */
export function longestPath(pattern: string): number | undefined {
  if (pattern === "^$") return 0;
  const more = /^\^\(\[0-9\]\+((?:\( \[0-9\]\+\)\?)*)\)\?\$$/.exec(pattern)?.[1];
  return more === undefined ? undefined : 1 + more.length / pathMore.length;
}

function sessionLines(
  one: RouterNeighbor,
  external: boolean,
  { alone = false }: FrrOptions,
): string[] {
  return [
    `remote-as ${one.asn}`,
    `description ${one.description}`,
    ...(one.password === undefined ? [] : [`password ${one.password}`]),
    // It knows no interface, and would take the neighbour for one that is not on its network.
    ...(external && alone ? ["disable-connected-check"] : []),
    ...(one.ttlSecurity === undefined ? [] : ["ttl-security hops 1"]),
    ...(one.multihop === undefined ? [] : ["ebgp-multihop 64"]),
    `update-source ${one.local}`,
    ...(one.timers === undefined ? [] : [`timers ${one.timers.keepalive} ${one.timers.hold}`]),
    `timers connect ${connectRetry}`,
  ];
}

/**
 * A bgpd that is there carries IPv4 on every session, on those of IPv6 without any of the route maps, unless it is told
 * otherwise: `bgp default ipv4-unicast` is for neighbours of its owner's, too.
 */
function otherFamily({ address }: RouterNeighbor, { alone = false }: FrrOptions): string[] {
  return alone || familyWord(address) === "ipv4"
    ? []
    : [" address-family ipv4 unicast", `  no neighbor ${address} activate`, " exit-address-family"];
}

/** In place of the receiver's AS, which it would refuse (RFC 4271 9.1.2), the path has the reflector's once more. */
function policyLines(one: RouterNeighbor, external: boolean, options: FrrOptions): string[] {
  return [
    "activate",
    ...(one.severalPaths === undefined ? [] : ["addpath-tx-all-paths"]),
    ...(one.replacePeerAs === undefined ? [] : ["as-override"]),
    ...(one.clusterId === undefined ? [] : ["route-reflector-client"]),
    "soft-reconfiguration inbound",
    // Without `force`, which is to count refused prefixes as well, and counts those of all neighbours (FRR 8.4): two rogues
    // could then end everybody's sessions.
    ...(one.limit === undefined ? [] : [`maximum-prefix ${one.limit}`]),
    `route-map from-${one.address} in`,
    `route-map ${exportMap(one, options)} out`,
    ...(external && one.nextHopSelf === undefined ? ["attribute-unchanged next-hop"] : []),
  ];
}

export function listWord(address: string): "ip" | "ipv6" {
  return parseAddress(address)?.family === 6 ? "ipv6" : "ip";
}

function familyWord(address: string): "ipv4" | "ipv6" {
  return parseAddress(address)?.family === 6 ? "ipv6" : "ipv4";
}
