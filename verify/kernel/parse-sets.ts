import type { Chain, Firewall, FirewallMatch } from "./types";

/** Addresses of a set, by its name. */
export type Sets = ReadonlyMap<string, readonly string[]>;

/** Larger ones are left alone: a list of half the Internet tells nothing of containers. */
const most = 5_000;

/** Reads what `ipset save` prints of sets of addresses or ranges (ipset(8)); others, and those with exceptions, are not known. */
export function parseSets(texts: readonly string[]): Sets {
  return new Map(
    texts.flatMap((text): [string, string[]][] => {
      const [, name, kind = ""] = /^create (\S+) (\S+)/m.exec(text) ?? [];
      const entries = [...text.matchAll(/^add \S+ (\S+)(.*)$/gm)];
      const plain = ["hash:ip", "hash:net", "bitmap:ip"].includes(kind);
      const exceptions = entries.some(([, , rest = ""]) => rest.includes("nomatch"));
      if (name === undefined || !plain || exceptions || entries.length > most) return [];
      return [[name, entries.map(([, value = ""]) => value)]];
    }),
  );
}

/** The same rules, with the addresses of the sets that they look at. */
export function withSets(firewall: Firewall, sets: Sets): Firewall {
  if (sets.size === 0) return firewall;
  const tables = Object.entries(firewall.tables).map(([table, chains]) => [
    table,
    Object.fromEntries(Object.entries(chains).map(([name, chain]) => [name, told(chain, sets)])),
  ]);
  return { ...firewall, tables: Object.fromEntries(tables) };
}

function told(chain: Chain, sets: Sets): Chain {
  const rules = chain.rules.map((rule) => ({
    ...rule,
    matches: rule.matches.map((match) => addressesOf(match, sets)),
  }));
  return { ...chain, rules };
}

const ends: Readonly<Record<string, string>> = { src: "-s", dst: "-d" };

function addressesOf(match: FirewallMatch, sets: Sets): FirewallMatch {
  const [name = "", end = ""] = match.values;
  const [values, option] = [sets.get(name), ends[end]];
  if (match.option !== "--match-set" || values === undefined || option === undefined) return match;
  return { option, values, not: match.not };
}
