import type { BfdPlan } from "../../../plan/types";
import { familyOf } from "../../../util/net";
import { type Accepted, fenceLine, type NeighbourFile, type RouterFile } from "../contract";
import { acceptedOf, type RouterConfig, type RouterNeighbor } from "../routing";
import { acceptsLines, acceptsWords, patternsIn } from "./sets";

/**
 * By default BIRD waits up to five minutes after an error. A daemon that was started anew is still up for the other end's BFD
 * until the detection time is over, and a session that is back before that would be ended once more.
 */
export function retryLines({ bfd }: { readonly bfd?: BfdPlan }): readonly string[] {
  return [
    `  connect delay time ${bfd === undefined ? 1 : delayWith(bfd)};`,
    "  connect retry time 5;",
    "  error wait time 5, 30;",
    "  error forget time 60;",
  ];
}

/** Whole seconds; BIRD takes a quarter off by chance. */
function delayWith({ interval, multiplier }: BfdPlan): number {
  return Math.ceil((interval * multiplier) / 750);
}

/** How a file begins that we write: what is read of BIRD needs these forms of time. @param log where it logs to */
export function headLines(log: string, routerId: string): string[] {
  return [
    "# Made by seamless. The next update puts back what is changed here.",
    `log ${log} all;`,
    "timeformat base iso long;",
    "timeformat protocol iso long;",
    "timeformat route iso long;",
    `router id ${routerId};`,
  ];
}

/** bird.conf. What is accepted, and who a neighbour is, are constants: BIRD tells what it has in them (`eval`). */
export function renderBird(config: RouterConfig): string {
  const waits = config.neighbors.flatMap(({ gracefulRestart }) => gracefulRestart?.deferral ?? []);
  return `${[
    ...headLines("stderr", config.routerId),
    // After a start with `-R` it holds updates back until every neighbour is there, or this time is over: one neighbour
    // that is down is not to leave all others without routes.
    ...(waits.length === 0 ? [] : [`graceful restart wait ${Math.max(...waits)};`]),
    "",
    "protocol device {",
    "}",
    ...bfdLines(config.neighbors),
    ...config.neighbors.flatMap((one) => ["", ...birdLines(config, one)]),
  ].join("\n")}\n`;
}

/**
 * How it watches those neighbours that it watches, which are on its own segments: packets of BFD that passed a router are
 * nobody's (RFC 5881, 5).
 */
export function bfdLines(sessions: readonly { readonly bfd?: BfdPlan }[]): string[] {
  const watched = sessions.flatMap(({ bfd }) => bfd ?? []);
  if (watched.length === 0) return [];
  const interval = Math.max(...watched.map((one) => one.interval));
  const multiplier = Math.max(...watched.map((one) => one.multiplier));
  return [
    "",
    "protocol bfd {",
    "  accept direct;",
    '  interface "*" {',
    `    interval ${interval} ms;`,
    `    multiplier ${multiplier};`,
    "  };",
    "}",
  ];
}

/** How many hops away a neighbour is; BFD of a single hop is for one on the segment of an interface. */
export function hopsLine(one: {
  readonly bfd?: BfdPlan;
  readonly ttlSecurity?: true;
  readonly single: boolean;
}): string {
  if (one.bfd !== undefined) return "  direct;";
  return one.single || one.ttlSecurity ? "  multihop 1;" : "  multihop;";
}

/** One neighbour with its constants and filters. */
export function birdLines(config: RouterConfig, one: RouterNeighbor): string[] {
  const suffix = suffixOf(one.address);
  const external = one.asn !== config.asn;
  return [
    `# ${one.description}`,
    ...acceptsLines(suffix, one.accepts),
    `define next_hop_${suffix} = ${one.address};`,
    `define local_pref_${suffix} = ${one.localPref};`,
    ...(one.longestPath === undefined
      ? []
      : [`define path_length_${suffix} = ${one.longestPath};`]),
    ...(one.clusterId === undefined ? [] : [`define cluster_${suffix} = ${one.clusterId};`]),
    ...(one.replacePeerAs === undefined ? [] : [`define replaced_${suffix} = ${one.asn};`]),
    ...(one.ttlSecurity === undefined ? [] : [`define least_ttl_${suffix} = 255;`]),
    ...(one.bfd === undefined ? [] : [`define bfd_${suffix} = ${one.bfd.interval};`]),
    ...importLines(one, suffix),
    ...exportLines(config, one, suffix),
    ...protocolLines(config, one, suffix, external),
  ];
}

/**
 * The paths of a node in another AS have that AS and nothing else in them; with more it passes on somebody else's. What is
 * accepted loses the attributes by which a node could have its paths preferred.
 */
function importLines(one: RouterNeighbor, suffix: string): string[] {
  const accepts = acceptsWords(suffix, one.accepts);
  const conditions = [
    ...(accepts === undefined ? [] : [accepts]),
    `bgp_next_hop = next_hop_${suffix}`,
    ...(one.longestPath === undefined ? [] : [`bgp_path.len <= path_length_${suffix}`]),
  ];
  return [
    `filter from_${suffix} {`,
    ...(accepts === undefined
      ? []
      : [
          `  if ${conditions.join(" && ")} then {`,
          "    bgp_origin = ORIGIN_IGP;",
          `    bgp_local_pref = local_pref_${suffix};`,
          "    bgp_med = 0;",
          "    unset(bgp_community);",
          "    unset(bgp_ext_community);",
          "    unset(bgp_large_community);",
          "    accept;",
          "  }",
        ]),
    "  reject;",
    "}",
  ];
}

/** In place of the receiver's AS, which it would refuse (RFC 4271 9.1.2), the path has the reflector's once more. */
function exportLines(config: RouterConfig, one: RouterNeighbor, suffix: string): string[] {
  const replaced = `replaced_${suffix}`;
  return [
    `filter to_${suffix} {`,
    ...(one.replacePeerAs === undefined
      ? []
      : [
          `  if bgp_path ~ [= * ${replaced} * =] then {`,
          `    bgp_path.delete(${replaced});`,
          `    bgp_path.prepend(${config.asn});`,
          "  }",
        ]),
    ...nextHopLines(one),
    // NO_ADVERTISE (RFC 1997).
    ...(one.noAdvertise === undefined ? [] : ["  bgp_community.add((65535, 65282));"]),
    "  accept;",
    "}",
  ];
}

/** Who forwards between segments is the next hop of what comes from another one. */
function nextHopLines({ local, nextHopSelf }: RouterNeighbor): string[] {
  if (nextHopSelf === undefined) return [];
  const { keeps } = nextHopSelf;
  const where = keeps === undefined ? "" : `if bgp_next_hop !~ [ ${keeps}+ ] then `;
  return [`  ${where}bgp_next_hop = ${local};`];
}

function protocolLines(
  config: RouterConfig,
  one: RouterNeighbor,
  suffix: string,
  external: boolean,
): string[] {
  const port = config.port === undefined ? "" : ` port ${config.port}`;
  return [
    `protocol bgp node_${suffix} {`,
    `  description "${one.description}";`,
    `  local ${one.local}${port} as ${config.asn};`,
    `  neighbor ${one.address}${config.port === undefined ? "" : " port 179"} as ${one.asn};`,
    "  strict bind on;",
    // To another AS one hop, as everybody does by default; next hops are not looked up, for nothing is forwarded here.
    hopsLine({ ...one, single: external && one.multihop === undefined }),
    ...(one.ttlSecurity === undefined ? [] : ["  ttl security on;"]),
    ...(one.bfd === undefined ? [] : ["  bfd on;"]),
    ...(one.clusterId === undefined ? [] : ["  rr client;", `  rr cluster id ${one.clusterId};`]),
    ...(one.password === undefined ? [] : [`  password "${one.password}";`]),
    ...(one.timers === undefined
      ? []
      : [`  hold time ${one.timers.hold};`, `  keepalive time ${one.timers.keepalive};`]),
    ...retryLines(one),
    ...(one.gracefulRestart === undefined
      ? []
      : ["  graceful restart on;", `  graceful restart time ${one.gracefulRestart.restart};`]),
    `  ipv${familyOf(one.address) ?? 4} {`,
    "    import keep filtered on;",
    `    import filter from_${suffix};`,
    `    export filter to_${suffix};`,
    "    next hop keep;",
    // Counted are those that the filter accepts; what comes beyond the limit is not taken.
    ...(one.limit === undefined ? [] : [`    import limit ${one.limit} action block;`]),
    ...(one.severalPaths === undefined ? [] : ["    add paths tx;"]),
    "  };",
    "}",
  ];
}

/** An address as part of a name in BIRD's language. */
export function suffixOf(address: string): string {
  return address.replace(/[.:]/g, "_");
}

/** A file in its parts, each as it is written. */
export interface BirdFile {
  readonly head: string;
  readonly blocks: readonly BirdBlock[];
}

export interface BirdBlock {
  readonly address: string;
  /** Constants and filters. */
  readonly rules: string;
  readonly protocol: string;
}

const protocolPattern = /^protocol bgp node_\S+ \{\n[\s\S]*?^\}$/m;

/** Reads a file that {@link renderBird} wrote. @throws Error when it is no such file */
export function parseFile(text: string): BirdFile {
  const [head = "", ...parts] = text.split(/^(?=# (?!Made by)\S+\n(?:define|filter) )/m);
  if (!/^router id \S+;$/m.test(head)) throw new Error("no router id before the first neighbour");
  return {
    head,
    blocks: parts.map((part) => {
      const protocol = protocolPattern.exec(part)?.[0];
      const address = /^ {2}neighbor (\S+) /m.exec(protocol ?? "")?.[1];
      if (protocol === undefined || address === undefined)
        throw new Error(`no neighbour: ${part.split("\n")[0]}`);
      return { address, rules: part.replace(protocol, "").trimEnd(), protocol };
    }),
  };
}

/** What a file says. @throws Error when it is not one that {@link renderBird} wrote */
export function parseBird(text: string): RouterFile {
  const { head, blocks } = parseFile(text);
  const local = blocks.map(({ protocol }) => /^ {2}local .*$/m.exec(protocol)?.[0] ?? "");
  const accepted = blocks.flatMap(acceptedBy);
  return {
    identity: [/^router id \S+;$/m.exec(head)?.[0], ...new Set(local)].join("\n"),
    neighbors: Object.fromEntries(blocks.map((one) => [one.address, neighborFile(one)])),
    accepted,
    fence: accepted.map(fenceLine).sort(),
  };
}

/** Without its password: BIRD tells nobody which one it has. */
function neighborFile({ rules, protocol }: BirdBlock): NeighbourFile {
  const asn = Number(/^ {2}neighbor .* as (\d+);$/m.exec(protocol)?.[1]);
  const clusterId = /^ {2}rr cluster id (\S+);$/m.exec(protocol)?.[1];
  const limit = /^ {4}import limit (\d+) /m.exec(protocol)?.[1];
  return {
    asn,
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(/^define replaced_/m.test(rules) ? { replacePeerAs: true } : {}),
    ...(/^ {2}ttl security on;$/m.test(protocol) ? { ttlSecurity: true } : {}),
    ...(/^ {2}bfd (?:on|graceful);$/m.test(protocol) ? { bfd: true } : {}),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    text: protocol,
    lasting: protocol.replace(/^ {2}description .*\n/m, "").replace(/^ {4}import limit .*\n/m, ""),
  };
}

function acceptedBy({ address, rules }: BirdBlock): Accepted[] {
  const nextHop = /^define next_hop_\S+ = (\S+);$/m.exec(rules)?.[1];
  const length = /^define path_length_\S+ = (\d+);$/m.exec(rules)?.[1];
  const localPref = /^define local_pref_\S+ = (\d+);$/m.exec(rules)?.[1];
  return acceptedOf(address, patternsIn(rules), { nextHop, length, localPref });
}
