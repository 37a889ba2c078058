import { type PrefixPattern, patternsOf, setOf } from "../../../util/net";
import {
  type Accepted,
  fenceLine,
  type NeighbourFile,
  type NeighbourRole,
  type RouterFile,
  resetText,
} from "../contract";
import { digestOf } from "../passwords";
import { longestPath } from "./conf";
import { type FrrText, parseFrrText, patternOf } from "./text";

/** A file in its parts, each as it is written. */
export interface FrrFile {
  readonly head: string;
  readonly blocks: readonly FrrBlock[];
}

/** One neighbour with all that is about it. */
export interface FrrBlock {
  readonly address: string;
  readonly text: string;
}

/** Reads a file that `renderFrr` wrote. @throws Error when it is no such file */
export function parseFile(text: string): FrrFile {
  const [head = "", ...parts] = text.split(/^!\n(?=! \S+\n)/m);
  if (!/^router bgp \d+$/m.test(head)) throw new Error("no router bgp before the first neighbour");
  return {
    head,
    blocks: parts.map((part) => {
      const address = /^ neighbor (\S+) remote-as \d+$/m.exec(part)?.[1];
      if (address === undefined) throw new Error(`no neighbour: ${part.split("\n")[0]}`);
      return { address, text: part };
    }),
  };
}

/** A file of its parts. */
export function joined({ head, blocks }: FrrFile): string {
  return [head, ...blocks.map(({ text }) => text)].join("!\n");
}

/** What a file says. @throws Error when it is not one that `renderFrr` wrote */
export function describeFrr(text: string): RouterFile {
  const { head } = parseFile(text);
  const all = parseFrrText(text);
  const accepted = acceptedIn(all);
  return {
    identity: head,
    neighbors: Object.fromEntries(
      [...all.neighbors].map(([address, places]) => [address, neighborFile(all, address, places)]),
    ),
    accepted,
    fence: accepted.map(fenceLine).sort(),
  };
}

/** What FRR takes over while the session is up; routes are judged or sent once more. */
const gently =
  /^(description|timers|bfd|route-map|as-override|attribute-unchanged|soft-reconfiguration|maximum-prefix) /;

function neighborFile(
  all: FrrText,
  address: string,
  places: ReadonlyMap<string, readonly string[]>,
): NeighbourFile {
  const lines = [...places].flatMap(([place, own]) =>
    own.map((line) => (place === "" ? line : `${place}: ${line}`)),
  );
  const lasting = lines.filter((line) => !gently.test(`${line.replace(/^.*: /, "")} `));
  return { ...roleOf(all, address), text: lines.join("\n"), lasting: lasting.join("\n") };
}

/** What a router is to a neighbour. */
export function roleOf(all: FrrText, address: string): NeighbourRole {
  const places = all.neighbors.get(address) ?? new Map<string, readonly string[]>();
  const lines = [...places.values()].flat();
  const value = (word: string, from: readonly string[]) =>
    from.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
  const clusterId = value("bgp cluster-id", all.instance) ?? value("bgp router-id", all.instance);
  const password = value("password", lines);
  const limit = value("maximum-prefix", lines)?.split(" ")[0];
  return {
    asn: Number(value("remote-as", lines)),
    ...(lines.includes("route-reflector-client") && clusterId !== undefined ? { clusterId } : {}),
    ...(lines.includes("as-override") ? { replacePeerAs: true } : {}),
    ...(lines.includes("ttl-security hops 1") ? { ttlSecurity: true } : {}),
    ...(password === undefined ? {} : { password: digestOf(password) }),
    ...(lines.some((line) => /^bfd( |$)/.test(line)) ? { bfd: true } : {}),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
  };
}

/** The route map of what comes in from a neighbour, by address and place; undefined where it has none. */
function mapsIn(all: FrrText): { readonly address: string; readonly map: string | undefined }[] {
  return [...all.neighbors].flatMap(([address, places]) =>
    [...places]
      .filter(([place]) => place !== "")
      .map(([, lines]) => ({
        address,
        map: lines.flatMap((line) => /^route-map (\S+) in$/.exec(line)?.[1] ?? [])[0],
      })),
  );
}

/** What the lists of prefixes have a router accept, with as few prefixes as it takes. */
export function acceptedIn(all: FrrText): Accepted[] {
  return mapsIn(all).flatMap(({ address, map }) =>
    permitted(all, map).flatMap((lines) => {
      const patterns = patternsFor(all, lines);
      if (patterns === undefined) return [];
      const nextHops = hopsIn(all, lines);
      const path = pathOf(all, lines);
      return patternsOf(setOf(patterns)).map(({ prefix, min, max }) => ({
        neighbors: [`${address}/${address.includes(":") ? 128 : 32}`],
        prefix,
        lengths: `${min}..${max}`,
        nextHops,
        asPath: path,
        ...setsOf(lines),
      }));
    }),
  );
}

/** The next hops that an entry permits, one by one or as ranges; none where it permits all. */
function hopsIn(all: FrrText, lines: readonly string[]): readonly string[] {
  const nextHop = word(lines, /^match ipv?6? next-hop address (\S+)$/);
  if (nextHop !== undefined) return [nextHop];
  const list = lines
    .map((line) => /^match (ip|ipv6) next-hop prefix-list (\S+)$/.exec(line))
    .find((found) => found !== null);
  return (all.prefixLists.get(`${list?.[1]} ${list?.[2]}`) ?? []).flatMap((rule) => {
    const { prefix } = patternOf(rule, list?.[1] ?? "") ?? {};
    return prefix === undefined ? [] : [prefix];
  });
}

/** What an entry writes into a path. */
function setsOf(lines: readonly string[]): Pick<Accepted, "sets"> {
  const localPref = word(lines, /^set local-preference (\d+)$/);
  const med = word(lines, /^set metric (\d+)$/);
  const cleared = ["community", "extcommunity", "large-community"].every((one) =>
    lines.includes(`set ${one} none`),
  );
  const sets = resetText({
    ...(localPref === undefined ? {} : { localPref: Number(localPref) }),
    ...(lines.includes("set origin igp") ? { origin: "IGP" } : {}),
    ...(med === undefined ? {} : { med: Number(med) }),
    ...(cleared ? { communities: true } : {}),
  });
  return sets === "" ? {} : { sets };
}

/** Neighbours of whom more is accepted than a list of prefixes says, in words. */
export function openIn(all: FrrText): string[] {
  return mapsIn(all).flatMap(({ address, map }) => {
    const from = `from ${address}/${address.includes(":") ? 128 : 32}`;
    if (map === undefined) return [`${from}: everything`];
    return permitted(all, map).flatMap((lines) =>
      patternsFor(all, lines) === undefined ? [`${from}: what ${map} accepts`] : [],
    );
  });
}

/** The conditions of each entry that permits. A map that is not there permits nothing. */
function permitted(all: FrrText, map: string | undefined): (readonly string[])[] {
  const entries = all.routeMaps.get(map ?? "") ?? new Map<string, readonly string[]>();
  return [...entries].flatMap(([entry, lines]) => (entry.startsWith("permit ") ? [lines] : []));
}

/** The prefixes that an entry permits; undefined where it names none. */
function patternsFor(all: FrrText, lines: readonly string[]): PrefixPattern[] | undefined {
  const [, family, list] = lines
    .map((line) => /^match (ip|ipv6) address prefix-list (\S+)$/.exec(line))
    .find((found) => found !== null) ?? [undefined, undefined, undefined];
  if (family === undefined || list === undefined) return undefined;
  return (all.prefixLists.get(`${family} ${list}`) ?? []).flatMap(
    (rule) => patternOf(rule, family) ?? [],
  );
}

function pathOf(all: FrrText, lines: readonly string[]): string {
  const name = word(lines, /^match as-path (\S+)$/);
  if (name === undefined) return "";
  const rules = (all.asPaths.get(name) ?? []).map(({ text }) => text.replace(/^permit /, ""));
  const longest = rules.length === 1 ? longestPath(rules[0] ?? "") : undefined;
  return longest === undefined ? `of ${rules.join(" or ")}` : `le ${longest}`;
}

function word(lines: readonly string[], pattern: RegExp): string | undefined {
  return lines.flatMap((line) => pattern.exec(line)?.[1] ?? [])[0];
}
