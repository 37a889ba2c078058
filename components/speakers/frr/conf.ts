import { type Family, familyOf } from "../../../util/net";
import { inFamily } from "../../../util/ranges";
import { patternText } from "../../reflector/frr/conf";
import { keepsRoutes, profileName, profilesOf } from "./bfd";
import type { FrrNode, FrrSession } from "./node";

/** Seconds between attempts to connect. */
const connectRetry = 5;

/**
 * Seconds for which it waits after a start for what neighbours send before it chooses among paths (RFC 4724). The kernel's
 * routes stay as they are meanwhile, and neighbours keep the node's own for 120, as FRR proposes by itself.
 */
const deferral = 20;

/** Seconds from a change of what is accepted until the routes that are there are judged by it; FRR waits for 5. */
const judgeAfter = 1;

/** Of a route to the node's own range that goes nowhere, behind every other route. */
const lastDistance = 254;

/** The list of the node's own ranges, one of each family. */
const ownList = "own";

const word = (family: Family) => (family === 6 ? "ipv6" : "ip");
const familyWord = (family: Family) => `ipv${family} unicast`;

/** frr.conf of a node, for FRR 8.4 and later. Passwords are marks; see withFrrPasswords() of the reflector. */
export function renderFrrNode(node: FrrNode): string {
  const families = ([4, 6] as const).filter((family) => inFamily(node.ranges, family).length > 0);
  return `${[
    "! Made by seamless. The next update puts back what is changed here.",
    "frr defaults traditional",
    "log syslog informational",
    `bgp route-map delay-timer ${judgeAfter}`,
    // Next hops are looked up as the kernel does it, where that leads by a default route, too.
    "ip nht resolve-via-default",
    "ipv6 nht resolve-via-default",
    ...families.flatMap((family) => ownLines(node, family)),
    ...bfdLines(node),
    `router bgp ${node.asn}`,
    ...instanceLines(node).map((line) => ` ${line}`),
    ...families.flatMap((family) => [
      ` address-family ${familyWord(family)}`,
      ...inFamily(node.ranges, family).map((range) => `  network ${range}`),
      " exit-address-family",
    ]),
    "exit",
    ...node.sessions.flatMap((one) => ["!", ...blockLines(node, one)]),
  ].join("\n")}\n`;
}

/** What is sent to an address that no container has goes nowhere, also while there is no bridge. */
function ownLines({ ranges }: FrrNode, family: Family): string[] {
  return inFamily(ranges, family).flatMap((range, index) => [
    `${word(family)} route ${range} blackhole ${lastDistance}`,
    `${word(family)} prefix-list ${ownList} seq ${index + 1} permit ${range}`,
  ]);
}

/** The times of those sessions that are watched with BFD. */
function bfdLines({ sessions }: FrrNode): string[] {
  const profiles = profilesOf(sessions);
  if (profiles.length === 0) return [];
  return [
    "bfd",
    ...profiles.flatMap(({ name, times: { interval, multiplier } }) => [
      ` profile ${name}`,
      `  detect-multiplier ${multiplier}`,
      `  transmit-interval ${interval}`,
      `  receive-interval ${interval}`,
      " exit",
    ]),
    "exit",
  ];
}

function instanceLines({ routerId }: FrrNode): string[] {
  return [
    `bgp router-id ${routerId}`,
    // By age otherwise, so that routes differ from one node to the next.
    "bgp bestpath compare-routerid",
    "no bgp default ipv4-unicast",
    // The range is announced, whether there is a bridge in it or not.
    "no bgp network import-check",
    `bgp graceful-restart select-defer-time ${deferral}`,
    // Neighbours give up the routes of one that does not say so.
    "bgp graceful-restart preserve-fw-state",
    "bgp graceful-restart",
  ];
}

/** One session with its lists and route maps. Nothing is passed on: the node would be the next hop of it. */
function blockLines({ asn }: FrrNode, one: FrrSession): string[] {
  const family = familyOf(one.address) ?? 4;
  return [
    `! ${one.far}`,
    ...importLines(one, family),
    `route-map to-${one.address} permit 1`,
    ` match ${word(family)} address prefix-list ${ownList}`,
    "exit",
    `router bgp ${asn}`,
    ...sessionLines(one).map((line) => ` neighbor ${one.address} ${line}`),
    ` address-family ${familyWord(family)}`,
    ...["activate", "soft-reconfiguration inbound"].map(
      (line) => `  neighbor ${one.address} ${line}`,
    ),
    `  neighbor ${one.address} route-map from-${one.address} in`,
    `  neighbor ${one.address} route-map to-${one.address} out`,
    " exit-address-family",
    "exit",
  ];
}

function importLines({ address, accepts, nextHops }: FrrSession, family: Family): string[] {
  const [from, hops] = [`from-${address}`, `hops-${address}`];
  if (accepts.length === 0) return [`route-map ${from} deny 1`, "exit"];
  const list = (name: string, patterns: FrrSession["accepts"]) =>
    patterns.map(
      (pattern, index) =>
        `${word(family)} prefix-list ${name} seq ${index + 1} permit ${patternText(pattern)}`,
    );
  return [
    ...list(from, accepts),
    ...list(hops, nextHops),
    `route-map ${from} permit 1`,
    ` match ${word(family)} address prefix-list ${from}`,
    ` match ${word(family)} next-hop prefix-list ${hops}`,
    // A neighbour on the same link tells a link-local one as well, which says of no node which one it is.
    ...(family === 6 ? [" set ipv6 next-hop prefer-global"] : []),
    "exit",
  ];
}

function sessionLines(one: FrrSession): string[] {
  const external = one.asn !== one.localAsn;
  return [
    `remote-as ${one.asn}`,
    `description ${one.far}`,
    ...(one.port === undefined ? [] : [`port ${one.port}`]),
    ...(one.password === undefined ? [] : [`password ${one.password}`]),
    // Next hops are looked up, wherever they are.
    ...(external && one.multihop === undefined ? ["disable-connected-check"] : []),
    ...(one.ttlSecurity === undefined ? [] : ["ttl-security hops 1"]),
    ...(one.multihop === undefined ? [] : ["ebgp-multihop 64"]),
    `update-source ${one.local}`,
    ...watchLines(one),
    `timers ${one.timers.keepalive} ${one.timers.hold}`,
    `timers connect ${connectRetry}`,
  ];
}

/** A node that is gone takes its routes with it; what a reflector has sent stays while that is away. */
function watchLines({ bfd }: FrrSession): string[] {
  if (bfd === undefined) return [];
  return ["bfd", `bfd profile ${profileName(bfd)}`, ...(bfd.graceful ? [keepsRoutes] : [])];
}

/**
 * /etc/frr/daemons of a node. Nothing but BGP listens on the network, and that at the node's own addresses alone; with a session
 * that is watched so does bfdd, at all addresses. The kernel keeps the routes while zebra or bgpd is away, and takes up to a minute
 * for the new ones.
 */
export function renderFrrDaemons({ addresses, sessions }: FrrNode): string {
  const watches = sessions.some(({ bfd }) => bfd !== undefined);
  const listen = addresses.flatMap((address) => ["-l", address]).join(" ");
  return `${[
    "# Made by seamless. The next update puts back what is changed here.",
    "bgpd=yes",
    ...(watches ? ["bfdd=yes"] : []),
    "vtysh_enable=yes",
    `zebra_options="-P 0 -s 90000000 -r -K ${recovery}"`,
    `bgpd_options="-P 0${listen === "" ? "" : ` ${listen}`}"`,
    ...(watches ? ['bfdd_options="-P 0"'] : []),
    'staticd_options="-P 0"',
    'mgmtd_options="-P 0"',
    // It would wait a minute and more before it starts a daemon that dies a second time.
    'watchfrr_options="--min-restart-interval=5 --max-restart-interval=60"',
    // They may be sourced after those of the package, which has all of these off.
    'frr_profile="traditional"',
  ].join("\n")}\n`;
}

/** Seconds for which zebra leaves the routes of before in the kernel. */
const recovery = 60;
