import { Document, isMap, isScalar, type Pair } from "yaml";
import type { AdoptedCoe } from "../components/contract/adopt";
import { compareNames } from "../util/names";
import {
  address,
  compareAddresses,
  formatAddress,
  formatPrefix,
  holds,
  lastOf,
  parseAddress,
  prefix,
  prefixOf,
  within,
} from "../util/net";
import { inFamily } from "../util/ranges";
import type { AdoptedRouter } from "./router";

/** A COE that was read. */
export interface Read {
  readonly kind: string;
  readonly coe: AdoptedCoe;
}

/** A configuration of what was read, before it is text. */
export interface Draft {
  readonly settings: Readonly<Record<string, unknown>>;
  /** By the path in it, what was not sure. */
  readonly doubts: readonly { readonly path: readonly string[]; readonly why: string }[];
}

interface Doubted<T> {
  readonly value: T;
  readonly why?: string;
}

/** The configuration that says of COEs and routers what they are. Pure. @param kind of a reflector that is still to come */
export function draftOf(
  coes: Readonly<Record<string, Read>>,
  routers: Readonly<Record<string, AdoptedRouter>>,
  kind: string,
): Draft {
  const addresses = Object.values(coes).flatMap(({ coe }) =>
    Object.values(coe.nodes).flatMap(({ address: four, address6 }) =>
      [four, address6 ?? []].flat(),
    ),
  );
  const networks = networksOf(coes, [
    ...addresses,
    ...Object.values(routers).map((one) => one.address),
  ]);
  const asn = asnOf(coes, routers);
  const others = Object.values(coes).flatMap(({ coe }) => coe.taken);
  const reflectors = reflectorsOf(routers, networks.value, [...addresses, ...others], kind);
  const doubts = Object.entries(coes).flatMap(([name, { coe }]) =>
    Object.entries(coe.unsure).map(([path, why]) => ({
      path: ["seamless:coes", name, ...path.split(".")],
      why,
    })),
  );
  return {
    settings: {
      "seamless:network": { nodes: oneOf(networks.value), asn: asn.value },
      "seamless:reflectors": reflectors.value,
      "seamless:coes": Object.fromEntries(
        Object.entries(coes).map(([name, read]) => [name, recordOf(read, asn.value)]),
      ),
    },
    doubts: [
      ...doubt(["seamless:network", "nodes"], networks.why),
      ...doubt(["seamless:network", "asn"], asn.why),
      ...doubt(["seamless:reflectors"], reflectors.why),
      ...Object.entries(routers).flatMap(([name, { unsure }]) =>
        Object.entries(unsure).map(([path, why]) => ({
          path: ["seamless:reflectors", name, path],
          why,
        })),
      ),
      ...doubts,
    ],
  };
}

function doubt(path: readonly string[], why: string | undefined): Draft["doubts"] {
  return why === undefined ? [] : [{ path, why }];
}

function oneOf(all: readonly string[]): string | readonly string[] {
  const [only, ...more] = all;
  return only !== undefined && more.length === 0 ? only : all;
}

function recordOf({ kind, coe }: Read, asn: number): object {
  const nodes = Object.entries(coe.nodes).sort(([a], [b]) => compareNames(a, b));
  return {
    kind,
    ...coe.fields,
    nodes: Object.fromEntries(
      nodes.map(([name, node]) => {
        const own = node.asn ?? coe.asn;
        const { address: at, address6, role, speaker } = node;
        return [
          name,
          {
            address: at,
            ...(address6 === undefined ? {} : { address6 }),
            ...(role === undefined ? {} : { role }),
            ...(own === asn ? {} : { asn: own }),
            ...(speaker === undefined ? {} : { speaker }),
          },
        ];
      }),
    ),
  };
}

/** Prefix length of a network that nobody knows. */
const guessedLength = { 4: 24, 6: 64 } as const;

/** The networks that COEs know, and for what is in none a guess. */
function networksOf(
  coes: Readonly<Record<string, Read>>,
  addresses: readonly string[],
): Doubted<readonly string[]> {
  const known = Object.values(coes).flatMap(({ coe }) => coe.networks.map(prefix));
  const outside = addresses.filter((one) => !known.some((range) => holds(range, address(one))));
  const guessed = outside.map((one) => {
    const parsed = address(one);
    return prefixOf(parsed, guessedLength[parsed.family]);
  });
  const all = [...known, ...guessed];
  const texts = [...new Set(all.map(formatPrefix))];
  // One inside another says nothing new.
  const outer = texts.filter(
    (text) => !texts.some((other) => other !== text && within(prefix(other), prefix(text))),
  );
  const made = [...new Set(guessed.map(formatPrefix))].filter((text) => outer.includes(text));
  const value = outer.sort((a, b) => compareNames(a, b));
  return made.length === 0
    ? { value }
    : {
        value,
        why: `nobody says how large the networks of the nodes are; guessed: ${made.join(", ")}`,
      };
}

/** The AS of the reflectors: theirs where some were read, else that of most nodes. */
function asnOf(
  coes: Readonly<Record<string, Read>>,
  routers: Readonly<Record<string, AdoptedRouter>>,
): Doubted<number> {
  const [router] = Object.values(routers).flatMap(({ asn }) => asn ?? []);
  if (router !== undefined) return { value: router };
  const counts = new Map<number, number>();
  for (const { coe } of Object.values(coes))
    for (const node of Object.values(coe.nodes)) {
      const asn = node.asn ?? coe.asn;
      counts.set(asn, (counts.get(asn) ?? 0) + 1);
    }
  const [[value, count] = [64512, 0], ...more] = [...counts].sort(
    ([a, many], [b, few]) => few - many || a - b,
  );
  const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
  return more.length === 0
    ? { value }
    : {
        value,
        why: `the AS of ${count} of ${total} nodes; the others have theirs in their records`,
      };
}

function reflectorsOf(
  routers: Readonly<Record<string, AdoptedRouter>>,
  networks: readonly string[],
  taken: readonly string[],
  kind: string,
): Doubted<object> {
  if (Object.keys(routers).length > 0)
    return {
      value: Object.fromEntries(
        Object.entries(routers).map(([name, { fields }]) => [name, fields]),
      ),
    };
  const free = freeAddress(inFamily(networks, 4), taken);
  const six = freeAddress(inFamily(networks, 6), taken);
  return {
    value: {
      reflector: { kind, address: free ?? "", ...(six === undefined ? {} : { address6: six }) },
    },
    why: "no router was read; no node and no BGP peer has this address, but somebody else may: choose one",
  };
}

/** The highest address of the first network that nobody is known to have. */
function freeAddress(networks: readonly string[], taken: readonly string[]): string | undefined {
  const [first] = networks;
  if (first === undefined) return undefined;
  const used = taken.flatMap((one) => parseAddress(one) ?? []).sort(compareAddresses);
  const range = prefix(first);
  const last = lastOf(range);
  for (let value = last.value - 1n; value > range.first; value -= 1n) {
    if (!used.some((one) => one.value === value)) return formatAddress({ ...last, value });
  }
  return undefined;
}

/**
 * The text of a stack's file.
 * @param head lines of a comment at its beginning
 */
export function stackText({ settings, doubts }: Draft, head: readonly string[]): string {
  const document = new Document({ config: settings });
  for (const { path, why } of doubts) {
    const pair = pairAt(document, ["config", ...path]);
    if (pair !== undefined && isScalar(pair.key))
      pair.key.commentBefore = [pair.key.commentBefore, ` ${plain(why)}`]
        .filter(Boolean)
        .join("\n");
  }
  document.commentBefore = head.map((line) => ` ${plain(line)}`).join("\n");
  return document.toString({ lineWidth: 120 });
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

/** The entry that a path means, or the nearest above it that is there. */
function pairAt(document: Document, path: readonly string[]): Pair | undefined {
  let found: Pair | undefined;
  let at: unknown = document.contents;
  for (const name of path) {
    const next: Pair | undefined = isMap(at)
      ? at.items.find(({ key }) => isScalar(key) && key.value === name)
      : undefined;
    if (next === undefined) return found;
    found = next;
    at = next.value;
  }
  return found;
}
