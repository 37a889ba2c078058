import { type PrefixPattern, prefix as prefixIn, widthOf } from "../../../util/net";

/** What a text in FRR's language says of BGP: a file, or what a running daemon shows of its own configuration. */
export interface FrrText {
  /** Its AS; undefined where it has no `router bgp`. */
  readonly asn: number | undefined;
  /** Lines outside of everything that say how zebra and staticd find their ways. */
  readonly ways: readonly string[];
  /** Lines of `router bgp` that are about no neighbour. */
  readonly instance: readonly string[];
  /** By name: the times of BFD, in lines. */
  readonly profiles: ReadonlyMap<string, readonly string[]>;
  /** By address family, such lines in it: what the router announces by itself. */
  readonly families: ReadonlyMap<string, readonly string[]>;
  /** By address: the lines after `neighbor ADDRESS`, by where they stand; "" is outside of any address family. */
  readonly neighbors: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  /** By `ip NAME` and `ipv6 NAME`. */
  readonly prefixLists: ReadonlyMap<string, readonly FrrRule[]>;
  /** By name: `permit PATTERN`. */
  readonly asPaths: ReadonlyMap<string, readonly FrrRule[]>;
  /** By name, and in it by `permit 1`: match and set lines. */
  readonly routeMaps: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

/** A line of a list. */
export interface FrrRule {
  /** Its place in the list; empty where the text says none. */
  readonly sequence: string;
  /** What comes after the place. */
  readonly text: string;
}

/** Reads a text in FRR's language as far as it is about BGP; what else there is stays unread. */
export function parseFrrText(text: string): FrrText {
  const ways: string[] = [];
  const instance: string[] = [];
  const profiles = new Map<string, string[]>();
  const families = new Map<string, string[]>();
  const neighbors = new Map<string, Map<string, string[]>>();
  const prefixLists = new Map<string, FrrRule[]>();
  const asPaths = new Map<string, FrrRule[]>();
  const routeMaps = new Map<string, Map<string, string[]>>();
  let asn: number | undefined;
  let place: "top" | "bgp" | "family" | "map" | "watches" | "watch" = "top";
  let family = "";
  let entry: string[] = [];
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("!")) continue;
    const top = topLine(line);
    if (top !== undefined && !raw.startsWith(" ")) {
      place = "top";
      if (top.kind === "bgp") {
        asn = top.asn;
        place = "bgp";
      } else if (top.kind === "map") {
        const entries = listIn(routeMaps, top.name, () => new Map<string, string[]>());
        entry = listIn(entries, top.entry, () => []);
        place = "map";
      } else
        listIn(top.kind === "prefix" ? prefixLists : asPaths, top.name, () => []).push(top.rule);
      continue;
    }
    if (line === "exit" || line === "end") place = place === "watch" ? "watches" : "top";
    else if (line === "exit-address-family") place = "bgp";
    else if (place === "map" || place === "watch") entry.push(line);
    else if (place === "watches") {
      // A neighbour that somebody has bfdd watch without bgpd has a part of its own, too.
      const name = /^profile (\S+)$/.exec(line)?.[1];
      entry = name === undefined ? [] : listIn(profiles, name, () => []);
      place = "watch";
    } else if (line === "bfd" && place === "top") place = "watches";
    else if (place === "bgp" || place === "family") {
      const opened = /^address-family (.+)$/.exec(line)?.[1];
      if (opened !== undefined) {
        [place, family] = ["family", opened];
        continue;
      }
      const [, address, rest = ""] = /^neighbor (\S+) (.+)$/.exec(line) ?? [];
      const where = place === "family" ? family : "";
      if (address !== undefined)
        listIn(
          listIn(neighbors, address, () => new Map<string, string[]>()),
          where,
          () => [],
        ).push(rest);
      else if (place === "bgp") instance.push(line);
      else if (/^network /.test(line)) listIn(families, family, () => []).push(line);
    } else if (/^ip(v6)? (route|nht) /.test(line)) ways.push(line);
  }
  return { asn, ways, instance, profiles, families, neighbors, prefixLists, asPaths, routeMaps };
}

type TopLine =
  | { readonly kind: "bgp"; readonly asn: number }
  | { readonly kind: "map"; readonly name: string; readonly entry: string }
  | { readonly kind: "prefix" | "path"; readonly name: string; readonly rule: FrrRule };

function topLine(line: string): TopLine | undefined {
  const bgp = /^router bgp (\d+)$/.exec(line)?.[1];
  if (bgp !== undefined) return { kind: "bgp", asn: Number(bgp) };
  const [, map, entry] = /^route-map (\S+) ((?:permit|deny) \d+)$/.exec(line) ?? [];
  if (map !== undefined && entry !== undefined) return { kind: "map", name: map, entry };
  const [, word, list, sequence = "", text] =
    /^(ip|ipv6) prefix-list (\S+) (?:seq (\d+) )?((?:permit|deny) .+)$/.exec(line) ?? [];
  if (list !== undefined && text !== undefined)
    return { kind: "prefix", name: `${word} ${list}`, rule: { sequence, text } };
  const [, path, place = "", pattern] =
    /^bgp as-path access-list (\S+) (?:seq (\d+) )?((?:permit|deny) .+)$/.exec(line) ?? [];
  return path === undefined || pattern === undefined
    ? undefined
    : { kind: "path", name: path, rule: { sequence: place, text: pattern } };
}

function listIn<T>(map: Map<string, T>, key: string, make: () => T): T {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

/** The times of a profile of BFD, in words. FRR shows no line that says what it does without it. */
export function profileText(lines: readonly string[]): string {
  const usual = [
    ["detect-multiplier", "3"],
    ["transmit-interval", "300"],
    ["receive-interval", "300"],
  ] as const;
  const said = new Map(
    lines.map((line) => line.split(/ (.*)/s)).map(([key = "", value = ""]) => [key, value]),
  );
  const times = usual.map(([key, value]) => `${key} ${said.get(key) ?? value}`);
  const others = lines.filter((line) => !usual.some(([key]) => line.startsWith(`${key} `)));
  return [...times, ...others.sort()].join(", ");
}

/** The pattern that a line of a list of prefixes permits; undefined for one that refuses. @param word that of the list's family */
export function patternOf({ text }: FrrRule, word: string): PrefixPattern | undefined {
  if (text === "permit any")
    return word === "ipv6"
      ? { prefix: "::/0", min: 0, max: widthOf[6] }
      : { prefix: "0.0.0.0/0", min: 0, max: widthOf[4] };
  const [, prefix, least, most] =
    /^permit (\S+\/\d+)(?: ge (\d+))?(?: le (\d+))?$/.exec(text) ?? [];
  if (prefix === undefined) return undefined;
  const { length, family } = prefixIn(prefix);
  const longest = least === undefined ? length : widthOf[family];
  return {
    prefix,
    min: least === undefined ? length : Number(least),
    max: most === undefined ? longest : Number(most),
  };
}
