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
import { type Filters, parseFilters, parseQueues } from "./parse-tc";
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
  const ipv4 = aboutFamily(own, 4, more(4));
  const ipv6 = six.length === 0 ? undefined : aboutFamily(six, 6, more(6));
  if (ipv4.routes.length === 0 && (ipv6?.routes ?? []).length === 0) throw new Error("no routes");
  const links = own.find(({ name }) => name === "links");
  const queues = own.find(({ name, end }) => name === "queues" && end === "0");
  const programs = [...programsOfXdp(links?.text ?? ""), ...programsOfTc(filters)];
  const untold = links?.end === "0" ? [] : [{ part: "links", why: whyNot(links) }];
  return {
    ...ipv4,
    untold: [...ipv4.untold, ...untold],
    links: links?.end === "0" ? parseLinks(links.text) : {},
    ...(queues === undefined ? {} : { queues: parseQueues(queues.text) }),
    ...(programs.length === 0 ? {} : { programs }),
    ...(ipv6 === undefined ? {} : { ipv6: { ...ipv6, untold: [...ipv6.untold, ...untold] } }),
  };
}

const incompatible =
  "nftables has a table of iptables' name with rules that iptables cannot read: give it another name";

/** What names of parts about IPv6 begin with. */
const ofIpv6 = "ipv6 ";

/** @param filters those of nftables and tc */
function aboutFamily(
  parts: readonly Part[],
  family: Family,
  filters: readonly Firewall[],
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
  const settings = read("settings", {}, parseSettings);
  if (settings[forwardingOf[family]] === undefined)
    untold.push({ part: "settings", why: `/proc/sys/net/ipv${family} cannot be read` });
  return {
    routes,
    rules: read("rules", [], parsePolicyRules),
    neighbours: read("neighbours", [], parseNeighbours),
    ...{ settings, firewalls: [...firewalls, ...filters], lookups, untold },
    ...insidesOf(parts, family),
  };
}

/** Tables of nftables that no iptables keeps. @param name what names of their parts begin with */
function nftOf(parts: readonly Part[], name: string, family: Family): Firewall[] {
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
