import { type Family, familyOf } from "../../../util/net";
import { inFamily } from "../../../util/ranges";
import { bfdLines, headLines, hopsLine, retryLines, suffixOf } from "../../reflector/bird/conf";
import { acceptsLines, acceptsWords } from "../../reflector/bird/sets";
import type { NodeSession, SpeakerNode } from "../node";

/** Of a route in the kernel; BIRD's default, behind what the kernel itself has of a bridge. */
const ownPreference = 250;

/** The families that a node has routes of. */
function familiesOf({ ranges, sessions }: SpeakerNode): Family[] {
  return ([4, 6] as const).filter(
    (family) =>
      inFamily(ranges, family).length > 0 ||
      sessions.some(({ address }) => familyOf(address) === family),
  );
}

/** Seconds for which routes of before are kept after a restart, where a neighbour does not come back. */
const recovery = 60;

/** bird.conf of a node, for BIRD 2. Passwords are marks; see withBirdPasswords() of the reflector. */
export function renderBirdNode(node: SpeakerNode): string {
  const families = familiesOf(node);
  return `${[
    ...headLines("syslog", node.routerId),
    `graceful restart wait ${recovery};`,
    "",
    "protocol device {",
    "}",
    ...bfdLines(node.sessions),
    "",
    // Next hops are looked up in these, and in what the kernel has, such as a default route.
    "protocol direct {",
    ...families.map((family) => `  ipv${family};`),
    "}",
    ...families.flatMap((family) => ["", ...kernelLines(family), "", ...ownLines(node, family)]),
    ...node.sessions.flatMap((one) => ["", ...sessionLines(one)]),
  ].join("\n")}\n`;
}

/**
 * A bridge's own route has the metric 256 with IPv6 (and 0 with IPv4), and a blackhole before it would take all that is for its
 * containers. 32 is BIRD's default.
 */
const metricLines: readonly string[] = [
  "  if source = RTS_BGP then {",
  "    krt_metric = 32;",
  "    accept;",
  "  }",
  "  if source = RTS_STATIC then {",
  "    krt_metric = 4096;",
  "    accept;",
  "  }",
];

/**
 * The kernel gets what BGP has learned, and a blackhole for the node's own range: what is sent to an address that no
 * container has goes nowhere, also while there is no bridge. Routes stay while BIRD restarts.
 */
function kernelLines(family: Family): string[] {
  return [
    `filter to_kernel${family} {`,
    ...(family === 4 ? ["  if source = RTS_BGP || source = RTS_STATIC then accept;"] : metricLines),
    "  reject;",
    "}",
    `protocol kernel kernel${family} {`,
    // With a metric of the protocol, those of its routes do not count.
    ...(family === 4 ? [] : ["  metric 0;"]),
    "  learn;",
    "  persist;",
    "  merge paths on;",
    "  graceful restart;",
    `  ipv${family} {`,
    "    import all;",
    `    export filter to_kernel${family};`,
    "  };",
    "}",
  ];
}

function ownLines({ ranges }: SpeakerNode, family: Family): string[] {
  return [
    `protocol static own${family} {`,
    `  ipv${family} {`,
    `    preference ${ownPreference};`,
    "  };",
    ...inFamily(ranges, family).map((range) => `  route ${range} blackhole;`),
    "}",
  ];
}

/**
 * What a reflector has sent stays good while it is away, and packets to containers do not pass it: its routes are kept as
 * for a restart (RFC 5882, 4.3). Another node is where its containers are.
 */
function bfdOf({ bfd }: NodeSession): string[] {
  if (bfd === undefined) return [];
  return [bfd.graceful ? "  bfd graceful;" : "  bfd on;"];
}

/** One session with its constants and filters. Nothing is passed on: the node would be the next hop of it. */
function sessionLines(one: NodeSession): string[] {
  const suffix = suffixOf(one.address);
  const accepts = acceptsWords(suffix, one.accepts);
  const family = familyOf(one.address) ?? 4;
  return [
    `# ${one.far}`,
    ...acceptsLines(suffix, one.accepts),
    ...(one.ttlSecurity === undefined ? [] : [`define least_ttl_${suffix} = 255;`]),
    ...(one.bfd === undefined ? [] : [`define bfd_${suffix} = ${one.bfd.interval};`]),
    `filter from_${suffix} {`,
    ...(accepts === undefined ? [] : [`  if ${accepts} then accept;`]),
    "  reject;",
    "}",
    `filter to_${suffix} {`,
    `  if proto = "own${family}" then accept;`,
    "  reject;",
    "}",
    `protocol bgp node_${suffix} {`,
    `  description "${one.far}";`,
    `  local ${one.local} as ${one.localAsn};`,
    `  neighbor ${one.address}${one.port === undefined ? "" : ` port ${one.port}`} as ${one.asn};`,
    "  strict bind on;",
    // As Calico has its sessions: next hops are looked up, wherever they are.
    hopsLine({ ...one, single: false }),
    ...(one.ttlSecurity === undefined ? [] : ["  ttl security on;"]),
    ...bfdOf(one),
    ...(one.password === undefined ? [] : [`  password "${one.password}";`]),
    "  hold time 90;",
    "  keepalive time 30;",
    ...retryLines(one),
    "  graceful restart on;",
    `  ipv${family} {`,
    "    import keep filtered on;",
    `    import filter from_${suffix};`,
    `    export filter to_${suffix};`,
    "    next hop self;",
    "    gateway recursive;",
    "    add paths rx;",
    "  };",
    "}",
  ];
}
