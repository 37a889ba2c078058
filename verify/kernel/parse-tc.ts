import { type Family, formatAddress } from "../../util/net";
import { protocolNames } from "./match";
import type { Firewall, FirewallMatch, FirewallRule, Queue } from "./types";

/** Where a filter of tc sits. */
export type Direction = "ingress" | "egress";

/** What `tc filter show` printed of one device. */
export interface Filters {
  readonly device: string;
  readonly direction: Direction;
  readonly text: string;
}

/**
 * Reads `tc qdisc show`.
 * @param classes what `tc class show` prints of a device
 */
export function parseQueues(text: string, classes: (device: string) => string = () => ""): Queue[] {
  return text.split("\n").flatMap((line): Queue[] => {
    const [, kind, handle = "", device] = /^qdisc (\S+) (\S+) dev (\S+)/.exec(line) ?? [];
    if (kind === undefined || device === undefined) return [];
    const rate =
      kind === "htb"
        ? rateByDefault(line, handle, classes(device))
        : kind === "tbf"
          ? /\brate (\S+)/.exec(line)?.[1]
          : undefined;
    return [{ kind, device, text: line.trim(), ...(rate === undefined ? {} : { rate }) }];
  });
}

/** What the class may send for which packets are that no filter knows (tc-htb(8)); without such a class they are not held back. */
function rateByDefault(line: string, handle: string, classes: string): string | undefined {
  const minor = Number(/\bdefault (0x[0-9a-f]+|\d+)/.exec(line)?.[1] ?? 0).toString(16);
  const own = classes.split("\n").find((one) => one.startsWith(`class htb ${handle}${minor} `));
  return own === undefined ? undefined : /\bceil (\S+)/.exec(own)?.[1];
}

/**
 * Filters of tc as rules of a firewall of its own: they come before all other rules where a packet comes in, and after all
 * others where it goes out.
 */
export function parseFilters(all: readonly Filters[], family: Family = 4): Firewall {
  const chain = (direction: Direction) => ({
    rules: all
      .filter((one) => one.direction === direction)
      .flatMap(({ device, text }) =>
        filtersIn(text).flatMap((one) => ruleOf(device, direction, one, family)),
      ),
  });
  return { backend: "tc", tables: { tc: { ingress: chain("ingress"), egress: chain("egress") } } };
}

/** Each filter with all its lines; lines without a handle are about the table that holds filters. */
function filtersIn(text: string): string[] {
  const entries: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("filter ")) entries.push(line);
    else if (entries.length > 0 && line.trim() !== "")
      entries.push(`${entries.pop() ?? ""} ${line.trim()}`);
  }
  return entries.filter((entry) => / (handle|fh \S+::\S+) /.test(entry));
}

const protocolsOf = { 4: ["ip", "all"], 6: ["ipv6", "all"] } as const;

function ruleOf(
  device: string,
  direction: Direction,
  entry: string,
  family: Family,
): FirewallRule[] {
  const [, protocol = "", pref = "", kind = ""] =
    /\bprotocol (\S+) pref (\d+) (\S+)/.exec(entry) ?? [];
  if (!protocolsOf[family].some((one) => one === protocol)) return [];
  const does = doesOf(kind, entry);
  if (does === undefined) return [];
  const where: FirewallMatch = {
    option: direction === "ingress" ? "-i" : "-o",
    values: [device],
    not: false,
  };
  const said = entry.slice(entry.indexOf(` ${kind} `) + 1).replaceAll(/\s+/g, " ");
  return [
    {
      text: `dev ${device} ${direction} pref ${pref} ${said}`,
      matches: [where, ...matchesOf(kind, entry, family), ...does.matches],
      comments: [],
      target: does.target,
      options: [],
    },
  ];
}

type Does = Pick<FirewallRule, "matches"> & { readonly target: string };

/** What becomes of a packet; undefined where it goes on as it is, or where that cannot be read. */
function doesOf(kind: string, entry: string): Does | undefined {
  const always = (target: string): Does => ({ target, matches: [] });
  const sometimes: Does = {
    target: "DROP",
    matches: [{ option: "--mode", values: ["random"], not: false }],
  };
  if (kind === "bpf" && /direct-action/.test(entry)) {
    // One instruction that returns a constant; 2 is "shot" (linux/pkt_cls.h).
    return /bytecode '1,6 0 0 2,?'/.test(entry) ? always("DROP") : undefined;
  }
  if (/random type (netrand|determ) drop/.test(entry)) return sometimes;
  if (/\bpolice\b.*\baction (drop|\S+\/drop)/.test(entry)) return sometimes;
  if (/\bgact action drop|\bmirred \(\S+ Redirect\b/.test(entry)) return always("DROP");
  if (/\baction order \d+: (nat|pedit)\b/.test(entry)) return always("NETMAP");
  if (/\bgact action (pass|ok)/.test(entry)) return always("ACCEPT");
  return undefined;
}

function matchesOf(kind: string, entry: string, family: Family): FirewallMatch[] {
  if (kind === "matchall") return [];
  // The header of IPv6 has other things at these places.
  if (kind === "u32" && family === 6)
    return / 00000000\/00000000 /.test(entry) ? [] : [unread(kind)];
  if (kind === "u32") return [...entry.matchAll(u32Match)].flatMap(u32);
  if (kind === "bpf" && /bytecode '1,6 0 0 (?!0,?')\d+,?'/.test(entry)) return [];
  if (kind !== "flower") return [unread(kind)];
  const words = entry.slice(entry.indexOf(" flower ")).split(" action order ")[0] ?? "";
  return Object.entries(flower).flatMap(([key, option]) =>
    [...words.matchAll(new RegExp(` ${key} (\\S+)`, "g"))].map(([, value = ""]) =>
      option === undefined ? unread(key) : { option, values: [value], not: false },
    ),
  );
}

/** By key of flower, the same in the words of iptables; undefined for what is not known of a packet. */
const flower: Readonly<Record<string, string | undefined>> = {
  ...{ src_ip: "-s", dst_ip: "-d", ip_proto: "-p", src_port: "--sport", dst_port: "--dport" },
  ...{ ip_tos: undefined, ip_flags: undefined, src_mac: undefined, dst_mac: undefined },
  ...{ tcp_flags: undefined, ip_ttl: undefined, vlan_id: undefined, ct_state: undefined },
};

const u32Match = /match ([0-9a-f]{8})\/([0-9a-f]{8}) at (\S+)/g;

/** What a comparison of 32 bits is about, by where in the header of IP it looks. */
function u32([, bits = "", mask = "", at = ""]: readonly string[]): FirewallMatch[] {
  const [value, looked] = [Number.parseInt(bits, 16), Number.parseInt(mask, 16)];
  const is = (option: string, text: string): FirewallMatch[] => [
    { option, values: [text], not: false },
  ];
  if (looked === 0) return [];
  const length = 32 - Math.log2(0x1_0000_0000 - looked);
  if ((at === "12" || at === "16") && Number.isInteger(length)) {
    const base = formatAddress({ family: 4, value: BigInt(value) });
    return is(at === "12" ? "-s" : "-d", `${base}/${length}`);
  }
  const protocol = protocolNames[(value >>> 16) & 0xff];
  if (at === "8" && looked === 0x00ff0000 && protocol !== undefined) return is("-p", protocol);
  if ((at === "20" || at === "nexthdr+0") && looked === 0x0000ffff)
    return is("--dport", String(value));
  if ((at === "20" || at === "nexthdr+0") && looked === 0xffff0000)
    return is("--sport", String(value >>> 16));
  return [unread("u32")];
}

/** Nobody here knows whether a packet is that. */
function unread(what: string): FirewallMatch {
  return { option: what, values: [], not: false };
}
