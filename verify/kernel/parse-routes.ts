import { type Family, hostPrefix } from "../../util/net";
import { protocolNames } from "./match";
import type { Hop, Link, Lookup, Neighbour, PolicyRule, TableRoute } from "./types";

const types = new Set([
  ...["unicast", "local", "broadcast", "multicast", "anycast", "nat"],
  ...["blackhole", "unreachable", "prohibit", "throw"],
]);

/** Reads `ip -o route show table all` of one family. */
export function parseRouteTable(text: string, family: Family = 4): TableRoute[] {
  return lines(text).map((line) => {
    const words = line.split(/[\s\\]+/).filter((word) => word !== "");
    const type = types.has(words[0] ?? "") ? (words.shift() ?? "") : "unicast";
    const [destination = ""] = words;
    const start = words.indexOf("nexthop");
    const main = start === -1 ? words.slice(1) : words.slice(1, start);
    const metric = after(main, "metric");
    const protocol = after(main, "proto");
    const mtu = main.indexOf("mtu");
    const limit = main[mtu + 1] === "lock" ? main[mtu + 2] : main[mtu + 1];
    return {
      prefix: canonical(destination, family),
      type,
      table: after(main, "table") ?? "main",
      hops: start === -1 ? [hopOf(main)] : hopsOf(words.slice(start)),
      metric: Number(metric ?? 0),
      ...(protocol === undefined ? {} : { protocol }),
      ...(mtu === -1 ? {} : { mtu: Number(limit) }),
    };
  });
}

/** Reads `ip rule show` of one family, in the order in which the kernel asks them. */
export function parsePolicyRules(text: string): PolicyRule[] {
  return lines(text).map((line) => {
    const [, priority = "", said = ""] = /^(\d+):\s+(.*)$/.exec(line) ?? [];
    if (priority === "") throw new Error(`not a rule: ${line}`);
    return { priority: Number(priority), text: said.trim(), ...parseRule(said) };
  });
}

const refusals = new Set(["blackhole", "unreachable", "prohibit"]);

function parseRule(text: string): Omit<PolicyRule, "priority" | "text"> {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const not = words[0] === "not";
  let from: string | undefined;
  let to: string | undefined;
  let iif: string | undefined;
  let mark: PolicyRule["mark"];
  let protocol: string | undefined;
  let ports: PolicyRule["ports"];
  let partial = false;
  let action: PolicyRule["action"] = { nothing: true };
  for (let at = not ? 1 : 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const next = words[at + 1] ?? "";
    if (refusals.has(word)) action = { refuse: word };
    else if (word === "lookup" || word === "table") action = { lookup: next };
    else if (word === "goto") action = { goto: Number(next) };
    else if (word === "suppress_prefixlength" && "lookup" in action)
      action = { ...action, suppress: Number(next) };
    else if (word === "from" && next !== "all") from = canonical(next);
    else if (word === "to" && next !== "all") to = canonical(next);
    else if (word === "iif") iif = next;
    else if (word === "fwmark") mark = markOf(next);
    else if (word === "ipproto") protocol = protocolOf(next);
    else if (word === "sport") ports = { ...ports, from: next };
    else if (word === "dport") ports = { ...ports, to: next };
    else if (unknowns.has(word)) partial = true;
  }
  return {
    ...{ not, partial, action },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(iif === undefined ? {} : { iif }),
    ...(mark === undefined ? {} : { mark }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(ports === undefined ? {} : { ports }),
  };
}

/** The protocol's name, as packets here have it; a machine without the list of names prints its number. */
function protocolOf(text: string): string {
  return /^(58|ipv6-icmp)$/.test(text) ? "icmp" : (protocolNames[Number(text)] ?? text);
}

/** What rules can look at and no packet here is known by; packets that are forwarded have no `oif`, and no user. */
const unknowns = new Set([
  ...["tos", "dsfield", "oif", "uidrange", "tun_id", "l3mdev"],
  ...["lookup-l3mdev", "[detached]", "suppress_ifgroup", "realms"],
]);

/** `0x1`, `0x1/0xff`: the mark of a packet, and which of its bits count. */
function markOf(text: string): { readonly value: number; readonly mask: number } {
  const [value = "", mask = "0xffffffff"] = text.split("/");
  return { value: Number(value), mask: Number(mask) };
}

/** Reads `ip -o link show`, by the names of the links. */
export function parseLinks(text: string): Record<string, Link> {
  const entries = lines(text).flatMap((line): [string, Link][] => {
    const [, name, flags = "", rest = ""] =
      /^\d+:\s+([^:@\s]+)(?:@[^:\s]+)?:\s+<([^>]*)>\s+(.*)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const words = rest.split(/[\s\\]+/);
    const flagged = flags.split(",");
    const up = flagged.includes("UP") && after(words, "state") !== "DOWN";
    const noArp = flagged.includes("NOARP") ? { noArp: true as const } : {};
    const queue = after(words, "qdisc") ?? "";
    const address = after(words, "link/ether");
    const mtu = Number(after(words, "mtu"));
    const known = address === undefined ? {} : { address };
    return [[name, { mtu, up, queue, ...known, ...noArp }]];
  });
  return Object.fromEntries(entries);
}

/** Reads `ip -o neighbour show`. */
export function parseNeighbours(text: string): Neighbour[] {
  return lines(text).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const link = after(words, "lladdr");
    const device = after(words, "dev");
    const [address = ""] = words;
    const state = words.at(-1) ?? "";
    return link === undefined || device === undefined ? [] : [{ address, device, link, state }];
  });
}

/** Reads `/proc/sys/net/ipv4` or `ipv6` as the program has printed it. */
export function parseSettings(text: string): Record<string, number> {
  const entries = lines(text).map((line): [string, number] => {
    const space = line.lastIndexOf(" ");
    return [line.slice(0, space), Number(line.slice(space + 1))];
  });
  return Object.fromEntries(entries);
}

/** Reads `ip -o route get`; what it refuses is an answer, too. */
export function parseLookup(text: string): Lookup["outcome"] {
  const line = lines(text).at(-1) ?? "";
  const refused = /^(?:RTNETLINK answers|Error): (.*)$/.exec(line)?.[1];
  if (refused !== undefined) return { refused };
  const words = line.split(/[\s\\]+/).filter((word) => word !== "");
  const [first = ""] = words;
  if (types.has(first) && first !== "unicast") return { refused: first };
  const [device, gateway, table] = [
    after(words, "dev"),
    after(words, "via"),
    after(words, "table"),
  ];
  if (device === undefined) return { refused: line.trim() };
  return {
    device,
    ...(gateway === undefined ? {} : { gateway }),
    ...(table === undefined ? {} : { table }),
  };
}

function hopsOf(words: readonly string[]): Hop[] {
  const hops: string[][] = [];
  for (const word of words) {
    if (word === "nexthop") hops.push([]);
    else hops.at(-1)?.push(word);
  }
  return hops.map(hopOf);
}

function hopOf(words: readonly string[]): Hop {
  const via = after(words, "via");
  const gateway = via === "inet6" ? after(words, "inet6") : via;
  const device = after(words, "dev");
  const down = words.includes("dead") || words.includes("linkdown");
  return {
    ...(gateway === undefined ? {} : { gateway }),
    ...(device === undefined ? {} : { device }),
    ...(down ? { down } : {}),
  };
}

function after(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at === -1 ? undefined : words[at + 1];
}

function canonical(destination: string, family: Family = 4): string {
  if (destination === "default") return everywhere[family];
  return destination.includes("/") ? destination : hostPrefix(destination);
}

const everywhere = { 4: "0.0.0.0/0", 6: "::/0" } as const;

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
