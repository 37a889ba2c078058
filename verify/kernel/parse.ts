import type { Family } from "../../util/net";
import { parseFirewall } from "./parse-firewall";
import { parseNft } from "./parse-nft";
import {
  parseLinks,
  parseLookup,
  parseNeighbours,
  parsePolicyRules,
  parseRouteTable,
  parseSettings,
} from "./parse-routes";
import { parseSets, type Sets, withSets } from "./parse-sets";
import { type Filters, parseFilters, parseQueues } from "./parse-tc";
import { parsePolicies } from "./parse-xfrm";
import { programsOfTc, programsOfXdp } from "./programs";
import { forwardingOf } from "./settings";
import type { FamilyKernel, Firewall, Inside, Lookup, NodeKernel, Untold } from "./types";

interface Part {
  readonly name: string;
  readonly text: string;
  /** The exit code of what was run, or `missing`. */
  readonly end: string;
}

/** Reads what the program of `kernelCommand` has printed on a node. @throws Error when it is something else */
export function parseKernel(text: string): NodeKernel {
  const all = partsOf(text);
  const own = all.filter(({ name }) => !name.startsWith(ofIpv6));
  const six = all
    .filter(({ name }) => name.startsWith(ofIpv6))
    .map((part) => ({ ...part, name: part.name.slice(ofIpv6.length) }));
  const filters = filtersOf(own);
  const tc = (family: Family) => (filters.length > 0 ? [parseFilters(filters, family)] : []);
  const more = (family: Family) => [...nftOf(own, "nft", family), ...tc(family)];
  const shared = { served: servedIn(own), sets: setsIn(own) };
  const ipv4 = aboutFamily(own, 4, more(4), shared);
  const ipv6 = six.length === 0 ? undefined : aboutFamily(six, 6, more(6), shared);
  if (ipv4.routes.length === 0 && (ipv6?.routes ?? []).length === 0) throw new Error("no routes");
  const links = own.find(({ name }) => name === "links");
  const queues = own.find(({ name, end }) => name === "queues" && end === "0");
  const programs = [...programsOfXdp(links?.text ?? ""), ...programsOfTc(filters)];
  const arp = arpOf(own);
  const untold = links?.end === "0" ? [] : [{ part: "links", why: whyNot(links) }];
  return {
    ...ipv4,
    untold: [...ipv4.untold, ...untold],
    links: links?.end === "0" ? parseLinks(links.text) : {},
    ...(queues === undefined ? {} : { queues: parseQueues(queues.text, classesIn(own)) }),
    ...(programs.length === 0 ? {} : { programs }),
    ...(arp.length === 0 ? {} : { arp }),
    ...(ipv6 === undefined ? {} : { ipv6: { ...ipv6, untold: [...ipv6.untold, ...untold] } }),
  };
}

const incompatible =
  "nftables has a table of iptables' name with rules that iptables cannot read: give it another name";

/** What names of parts about IPv6 begin with. */
const ofIpv6 = "ipv6 ";

/** Where no program has ever taken one, the kernel has no list. */
function servedIn(parts: readonly Part[]): ReadonlySet<number> {
  const text = parts.find(({ name }) => name === "queued")?.text ?? "";
  return new Set(text.split("\n").filter(Boolean).map(Number));
}

const classesIn = (parts: readonly Part[]) => (device: string) =>
  parts.find(({ name, end }) => name === `classes ${device}` && end === "0")?.text ?? "";

function setsIn(parts: readonly Part[]): Sets {
  return parseSets(
    parts.filter(({ name, end }) => name.startsWith("set ") && end === "0").map(({ text }) => text),
  );
}

/** What rules of both families refer to. */
interface Shared {
  readonly served: ReadonlySet<number>;
  readonly sets: Sets;
}

/** Rules about ARP that somebody has made. */
function arpOf(parts: readonly Part[]): Firewall[] {
  const own = parts.filter(({ name, end }) => name === "arp" && end === "0");
  const found = [
    ...own.map(({ text }) => parseFirewall("arptables", arpRules(text))),
    ...nftOf(parts, "nft", "arp"),
  ];
  return found.filter(({ tables }) =>
    Object.values(tables)
      .flatMap((chains) => Object.values(chains))
      .some(({ policy = "ACCEPT", rules }) => policy !== "ACCEPT" || rules.length > 0),
  );
}

/** arptables-save may write the target first. */
function arpRules(text: string): string {
  return text.replaceAll(/^(-A \S+)( -j \S+)(.+)$/gm, "$1$3$2");
}

/** @param filters those of nftables and tc */
function aboutFamily(
  parts: readonly Part[],
  family: Family,
  filters: readonly Firewall[],
  { served, sets }: Shared,
): FamilyKernel {
  const untold: Untold[] = [];
  const read = <T>(name: string, empty: T, parse: (text: string) => T): T => {
    const part = parts.find((one) => one.name === name);
    if (part?.end === "0") return parse(part.text);
    untold.push({ part: name, why: whyNot(part) });
    return empty;
  };
  const routes = read("routes", [], (text) => parseRouteTable(text, family));
  const firewalls: Firewall[] = [];
  const lookups: Lookup[] = [];
  for (const part of parts) {
    const [kind, ...rest] = part.name.split(" ");
    const [first = "", to = "", device = ""] = rest;
    if (kind === "lookup" && part.end !== "missing")
      lookups.push({ from: first, to, device, outcome: parseLookup(part.text) });
    if (kind !== "firewall") continue;
    if (part.end === "0") firewalls.push(parseFirewall(first, part.text, family));
    if (part.end === "0" && /^# Table .* is incompatible/m.test(part.text))
      untold.push({ part: part.name, why: incompatible });
    if (part.end !== "0") untold.push({ part: part.name, why: whyNot(part) });
  }
  // A kernel without IPsec has no policies.
  const policies = parsePolicies(
    parts.find(({ name, end }) => name === "xfrm" && end === "0")?.text,
  );
  const settings = read("settings", {}, parseSettings);
  if (settings[forwardingOf[family]] === undefined)
    untold.push({ part: "settings", why: `/proc/sys/net/ipv${family} cannot be read` });
  return {
    routes,
    rules: read("rules", [], parsePolicyRules),
    neighbours: read("neighbours", [], parseNeighbours),
    firewalls: [...firewalls, ...filters, ...policies].map((one) => ({
      ...withSets(one, sets),
      served,
    })),
    ...{ settings, lookups, untold },
    ...insidesOf(parts, family),
  };
}

/** Tables of nftables that no iptables keeps. @param name what names of their parts begin with */
function nftOf(parts: readonly Part[], name: string, family: Family | "arp"): Firewall[] {
  const texts = (format: string) =>
    parts
      .filter((part) => part.name.startsWith(`${name} ${format} `) && part.end === "0")
      .map(({ text }) => text);
  const found = parseNft(texts("json"), texts("text"), family);
  return found.stations?.length === 0 ? [] : [found];
}

function filtersOf(parts: readonly Part[]): Filters[] {
  return parts.flatMap(({ name, text, end }): Filters[] => {
    const [kind, direction, device = ""] = name.split(" ");
    if (kind !== "filters" || end !== "0") return [];
    return [{ device, direction: direction === "ingress" ? "ingress" : "egress", text }];
  });
}

/** What containers do by themselves. A program that is missing or fails there says nothing of the node. */
function insidesOf(parts: readonly Part[], family: Family): Pick<FamilyKernel, "insides"> {
  const insides: Record<string, Inside> = {};
  for (const { name, text, end } of parts) {
    const [kind, address = "", what, program = ""] = name.split(" ");
    if (kind !== "inside" || end !== "0" || what === "nft") continue;
    const { routes, firewalls } = insides[address] ?? {
      routes: [],
      firewalls: nftOf(parts, `inside ${address} nft`, family),
    };
    insides[address] =
      what === "routes"
        ? { routes: parseRouteTable(text, family), firewalls }
        : { routes, firewalls: [...firewalls, parseFirewall(backendOf(program), text, family)] };
  }
  return Object.keys(insides).length === 0 ? {} : { insides };
}

function backendOf(program: string): string {
  return program.includes("legacy") ? "legacy" : "nf_tables";
}

function partsOf(text: string): Part[] {
  return text
    .split(/^@@ /m)
    .slice(1)
    .map((part) => {
      const line = part.indexOf("\n");
      const body = part.slice(line + 1);
      const end = /^@= (.*)$/m.exec(body);
      return {
        name: part.slice(0, line).trim(),
        text: body.slice(0, end?.index ?? body.length),
        end: end?.[1] ?? "not finished",
      };
    });
}

function whyNot(part: Part | undefined): string {
  if (part === undefined) return "not asked";
  if (part.end === "missing") return "the program is not there";
  const said = part.text.trim().split("\n").at(-1) ?? "";
  return said === "" ? `exit code ${part.end}` : `exit code ${part.end}: ${said}`;
}
