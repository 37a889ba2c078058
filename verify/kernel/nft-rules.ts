import { z } from "zod";
import type { Family } from "../../util/net";
import { protocolNames } from "./match";
import type { FirewallMatch, FirewallRule } from "./types";

/** One expression or statement of a rule, as libnftables-json(5) has it: one key, which is its name. */
export type Expression = Readonly<Record<string, unknown>>;
/** What is in a set or a map. */
export type Elements = readonly unknown[];
/** What a set or a map of the rule's table holds. */
type Named = (name: string) => Elements | undefined;
type Said = Pick<FirewallRule, "text" | "comments" | "handle">;

/**
 * A rule of nftables in the words of iptables, by which packets are followed. What is not known of a packet is an option that
 * nobody knows there, too.
 */
export function rulesOf(
  expressions: readonly Expression[],
  said: Said,
  named: Named,
  family: Family,
): FirewallRule[] {
  const rules: FirewallRule[] = [];
  const matches: FirewallMatch[] = [];
  const add = (more: readonly FirewallMatch[], does: Does) =>
    rules.push({ ...said, matches: [...matches, ...more], options: [], ...does });
  for (const expression of expressions) {
    const [[key = "", value] = []] = Object.entries(expression);
    const does = verdict(key, value) ?? mangled(key, value);
    if (does !== undefined) add([], does);
    else if (key === "vmap") {
      for (const [one, what] of mapped(value, named, family)) {
        if (one !== "never") add(one, what);
      }
    } else if (key === "match") {
      const found = matchOf(value, named, family);
      if (found === "never") return rules;
      matches.push(...found);
    } else if (byChance.has(key)) matches.push(option("--limit"));
    else if (!neutral.has(key)) matches.push(option(key));
  }
  return rules;
}

type Does = Pick<FirewallRule, "target" | "goto"> & { readonly options?: readonly string[] };

/** Statements that look at some packets only, and such as change nothing of what is looked at here. */
const byChance = new Set(["limit", "quota", "meter", "ct count"]);
const neutral = new Set([
  ...["counter", "log", "notrack", "dup", "ct helper", "ct timeout", "ct expectation", "set"],
  ...["map", "secmark", "continue", "flow", "mangle"],
]);

const ends = {
  ...{ accept: "ACCEPT", drop: "DROP", reject: "REJECT", return: "RETURN" },
  ...{ masquerade: "MASQUERADE", snat: "SNAT", dnat: "DNAT", redirect: "REDIRECT" },
  tproxy: "TPROXY",
};
const endOf = new Map<string, string>(Object.entries(ends));
const jumpSchema = z.object({ target: z.string() });

function verdict(key: string, value: unknown): Does | undefined {
  const target = endOf.get(key);
  if (target !== undefined) return { target };
  if (key === "queue") return { target: "NFQUEUE", options: queueOf(value) };
  if (key !== "jump" && key !== "goto") return undefined;
  return { target: jumpSchema.parse(value).target, ...(key === "goto" ? { goto: true } : {}) };
}

const queueSchema = z.object({
  num: z.union([z.number(), z.object({ range: z.tuple([z.number(), z.number()]) })]).optional(),
  flags: z.union([z.string(), z.array(z.string())]).optional(),
});

/** As iptables writes it; without a number it is the first queue. */
function queueOf(value: unknown): string[] {
  const { num = 0, flags = [] } = queueSchema.safeParse(value).data ?? {};
  const bypass = [flags].flat().includes("bypass") ? ["--queue-bypass"] : [];
  return typeof num === "number"
    ? ["--queue-num", String(num), ...bypass]
    : ["--queue-balance", num.range.join(":"), ...bypass];
}

const mangleSchema = z.object({
  key: z.union([
    z.object({ meta: z.object({ key: z.string() }) }),
    z.object({ payload: z.object({ protocol: z.string(), field: z.string() }) }),
  ]),
  value: z.unknown(),
});

/** A mark that is set, a TTL that ends soon, and addresses that are written anew. */
function mangled(key: string, value: unknown): Does | undefined {
  const read = key === "mangle" ? mangleSchema.safeParse(value) : undefined;
  if (read?.success !== true) return undefined;
  const { key: of, value: to } = read.data;
  if ("meta" in of)
    return of.meta.key === "mark" && typeof to === "number"
      ? { target: "MARK", options: ["--set-mark", String(to)] }
      : undefined;
  if (["saddr", "daddr"].includes(of.payload.field)) return { target: "NETMAP" };
  if (of.payload.field === "ttl") return { target: "TTL", options: ["--ttl-set", String(to)] };
  if (of.payload.field === "hoplimit") return { target: "HL", options: ["--hl-set", String(to)] };
  return undefined;
}

const matchSchema = z.object({ op: z.string(), left: z.unknown(), right: z.unknown() });

function matchOf(value: unknown, named: Named, family: Family): FirewallMatch[] | "never" {
  const { op, left, right } = matchSchema.parse(value);
  return compared(left, op, right, named, family);
}

const vmapSchema = z.object({ key: z.unknown(), data: z.unknown() });
const pairSchema = z.tuple([z.unknown(), z.record(z.string(), z.unknown())]);

/** Each entry of a map of verdicts as a rule of its own. */
function mapped(
  value: unknown,
  named: Named,
  family: Family,
): (readonly [FirewallMatch[] | "never", Does])[] {
  const { key, data } = vmapSchema.parse(value);
  const unknown = [[option("vmap")], { target: "ACCEPT" }] as const;
  const entries = elementsOf(data, named);
  if (entries === undefined) return [[[...unknown[0]], unknown[1]]];
  return entries.map((entry) => {
    const pair = pairSchema.safeParse(entry);
    if (!pair.success) return [[...unknown[0]], unknown[1]];
    const [one, does] = pair.data;
    const [[name = "", what] = []] = Object.entries(does);
    return [compared(key, "==", one, named, family), verdict(name, what) ?? unknown[1]];
  });
}

const leftSchema = z.union([
  z.object({ payload: z.object({ protocol: z.string(), field: z.string() }) }),
  z.object({ meta: z.object({ key: z.string() }) }),
  z.object({ ct: z.object({ key: z.string(), dir: z.string().optional() }) }),
  z.object({ fib: z.object({ result: z.string(), flags: z.array(z.string()) }) }),
  z.object({ numgen: z.unknown() }),
  z.object({ "&": z.tuple([z.record(z.string(), z.unknown()), z.unknown()]) }),
]);

/** What a comparison asks for, in the words of iptables; `never` where it is about the other family. */
function compared(
  left: unknown,
  op: string,
  right: unknown,
  named: Named,
  family: Family,
): FirewallMatch[] | "never" {
  const read = leftSchema.safeParse(left);
  const values = read.success ? valuesOf(right, op, named) : undefined;
  if (!read.success || values === undefined) return [option("expression")];
  const not = op === "!=";
  const is = (name: string, all: readonly string[] = values): FirewallMatch[] => [
    { option: name, values: all, not },
  ];
  const of = read.data;
  if ("numgen" in of) return [option("--mode")];
  if ("fib" in of)
    return of.fib.result === "type" && of.fib.flags.length === 1
      ? is(of.fib.flags[0] === "saddr" ? "--src-type" : "--dst-type", [upper(values)])
      : [option("fib")];
  if ("ct" in of) return of.ct.key === "state" ? is("--ctstate", [upper(values)]) : [option("ct")];
  if ("&" in of) return masked(of["&"], values, not);
  if ("meta" in of) return aboutMeta(of.meta.key, values, is, family);
  return aboutPayload(of.payload, values, is, family);
}

type Is = (name: string, all?: readonly string[]) => FirewallMatch[];

const families: Readonly<Record<string, Family>> = {
  ip: 4,
  ipv4: 4,
  icmp: 4,
  ip6: 6,
  ipv6: 6,
  icmpv6: 6,
};

function aboutMeta(
  key: string,
  values: readonly string[],
  is: Is,
  family: Family,
): FirewallMatch[] | "never" {
  switch (key) {
    case "iif":
    case "iifname":
      return is("-i", values.map(device));
    case "oif":
    case "oifname":
      return is("-o", values.map(device));
    case "l4proto":
      return is("-p", values.map(protocol));
    case "mark":
      return is("--mark");
    case "length":
      return is("--length");
    case "protocol":
    case "nfproto":
      return values.some((one) => families[one] === family) ? [] : "never";
    default:
      return [option(key)];
  }
}

function aboutPayload(
  { protocol: of, field }: { readonly protocol: string; readonly field: string },
  values: readonly string[],
  is: Is,
  family: Family,
): FirewallMatch[] | "never" {
  if (of === "arp") return aboutArp(field, values, is);
  const only = families[of];
  if (only !== undefined && only !== family) return "never";
  const implied: FirewallMatch[] = ["tcp", "udp"].includes(of)
    ? [{ option: "-p", values: [of], not: false }]
    : [];
  switch (field) {
    case "saddr":
      return is("-s");
    case "daddr":
      return is("-d");
    case "protocol":
    case "nexthdr":
      return is("-p", values.map(protocol));
    case "length":
      return only === undefined ? [...implied, option(field)] : is("--length");
    case "sport":
      return [...implied, ...is("--sport")];
    case "dport":
      return [...implied, ...is("--dport")];
    case "type":
      if (of === "icmp") return is("--icmp-type", values.map(echo("8")));
      return of === "icmpv6" ? is("--icmpv6-type", values.map(echo("128"))) : [option(field)];
    default:
      return [...implied, option(field)];
  }
}

/** Of ARP for IPv4 on Ethernet, which is all that asks here (RFC 826). */
function aboutArp(field: string, values: readonly string[], is: Is): FirewallMatch[] {
  const opcodes: Readonly<Record<string, string>> = { request: "1", reply: "2" };
  switch (field) {
    case "saddr ip":
      return is("-s");
    case "daddr ip":
      return is("-d");
    case "operation":
      return is("--opcode", [values.map((one) => opcodes[one] ?? one).join(",")]);
    case "htype":
    case "ptype":
    case "hlen":
    case "plen":
      return [];
    default:
      return [option(field)];
  }
}

/** A part of a mark, and flags of TCP. */
function masked(
  [of, mask]: readonly [Expression, unknown],
  values: readonly string[],
  not: boolean,
): FirewallMatch[] {
  const [value = "0"] = values;
  const text = JSON.stringify(of);
  if (text === '{"meta":{"key":"mark"}}' && typeof mask === "number")
    return [{ option: "--mark", values: [`${value}/${mask}`], not }];
  if (text !== '{"payload":{"protocol":"tcp","field":"flags"}}' || values.length !== 1)
    return [option("mask")];
  const flags = [upper([mask].flat().map(String)), value === "0" ? "NONE" : value.toUpperCase()];
  return [{ option: "--tcp-flags", values: flags, not }];
}

const setSchema = z.object({ set: z.array(z.unknown()) });
const prefixSchema = z.object({ prefix: z.object({ addr: z.string(), len: z.number() }) });
const rangeSchema = z.object({ range: z.tuple([z.unknown(), z.unknown()]) });
const elementSchema = z.object({ elem: z.object({ val: z.unknown() }) });

function elementsOf(value: unknown, named: Named): Elements | undefined {
  if (typeof value === "string" && value.startsWith("@")) return named(value.slice(1));
  const set = setSchema.safeParse(value);
  if (set.success) return set.data.set;
  return Array.isArray(value) ? value : [value];
}

/** The values of which one is enough; undefined where they cannot be told. */
function valuesOf(right: unknown, op: string, named: Named): string[] | undefined {
  const texts = elementsOf(right, named)?.map(textOf);
  if (texts === undefined || texts.some((one) => one === undefined)) return undefined;
  const known = texts.filter((one) => one !== undefined);
  const [first = ""] = known;
  if (op === ">" || op === ">=") return [`${Number(first) + (op === ">" ? 1 : 0)}:`];
  if (op === "<" || op === "<=") return [`:${Number(first) - (op === "<" ? 1 : 0)}`];
  return known;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string" || typeof value === "number") return String(value);
  const element = elementSchema.safeParse(value);
  if (element.success) return textOf(element.data.elem.val);
  const prefix = prefixSchema.safeParse(value);
  if (prefix.success) return `${prefix.data.prefix.addr}/${prefix.data.prefix.len}`;
  const range = rangeSchema.safeParse(value);
  if (!range.success) return undefined;
  const [from, to] = range.data.range;
  return typeof from === "number" ? `${from}:${to}` : `${from}-${to}`;
}

const numbers: Readonly<Record<string, string>> = { ...protocolNames, 58: "ipv6-icmp" };
const protocol = (one: string) => numbers[one] ?? one;
const device = (one: string) => (one.endsWith("*") ? `${one.slice(0, -1)}+` : one);
const echo = (number: string) => (one: string) => (one === "echo-request" ? number : one);
const upper = (all: readonly string[]) => all.join(",").toUpperCase();

/** Nobody here knows whether a packet is that. */
function option(name: string): FirewallMatch {
  return { option: name, values: [], not: false };
}
