import { parseAsNumber } from "../../util/as-number";
import { formatPrefix, isPrefix, nextFree, type Prefix, parsePrefix } from "../../util/net";
import { reserved } from "../addresses";
import { dockerBridge } from "../claims";
import { type CoeKinds, hasNodeRanges, kindOf, speaks } from "../kind";
import { nodeLength } from "../node-ranges";
import type { RawConfig } from "../parse";
import type { Path } from "../problems";
import { isFields } from "../readable";

/** A value that is missing in a configuration, with one for it. */
export interface Assignment {
  readonly path: Path;
  readonly value: number | string | readonly string[];
}

/** A value as it is written into a file. */
export function writtenValue({ value }: Pick<Assignment, "value">): string {
  return typeof value === "object" ? `[${value.join(", ")}]` : `${value}`;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What is missing, with numbers and ranges that nobody has: a configuration may be wrong otherwise, which is judged with
 * these in it. What is there stays as it is, whoever came or went since.
 */
export function missing(raw: RawConfig, coes: CoeKinds): Assignment[] {
  const ranges = containerRanges(raw, coes);
  return [...asNumbers(raw, coes), ...ranges, ...nodeRanges(raw, coes, ranges)];
}

/** Private use (RFC 6996). */
const privateNumbers = [
  [64512, 65534],
  [4200000000, 4294967294],
] as const;

function asNumbers(raw: RawConfig, kinds: CoeKinds): Assignment[] {
  const network = fields(raw.network);
  const wanted = placesOf(network.asns, network, fields(raw.coes), kinds);
  const used = new Set(numbersIn([raw.network, raw.reflectors, raw.coes]));
  return wanted.flatMap(({ path, found }) => {
    if (found !== undefined) return [];
    const value = freeNumber(used);
    if (value === undefined) return [];
    used.add(value);
    return [{ path, value }];
  });
}

/** Where the AS scheme asks for a number, and what is there; in the order of the file. */
function placesOf(
  scheme: unknown,
  network: Fields,
  coes: Fields,
  kinds: CoeKinds,
): { path: Path; found: unknown }[] {
  if (scheme === "perRack")
    return maps(network.nodes).map(([rack, { asn }]) => ({
      path: ["network", "nodes", rack, "asn"],
      found: asn,
    }));
  if (scheme === "perCoe")
    return maps(coes).map(([coe, { asn }]) => ({ path: ["coes", coe, "asn"], found: asn }));
  if (scheme !== "perServer") return [];
  return maps(coes).flatMap(([coe, own]) => {
    const kind = kindIn(own, kinds);
    return maps(own.nodes)
      .filter(([, node]) => speaks(kind, roleIn(node)))
      .map(([node, { asn }]) => ({ path: ["coes", coe, "nodes", node, "asn"], found: asn }));
  });
}

/** All numbers under the key `asn`, wherever it is. */
function numbersIn(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(numbersIn);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    if (key !== "asn") return numbersIn(one);
    const number = typeof one === "string" ? parseAsNumber(one) : one;
    return typeof number === "number" ? [number] : [];
  });
}

function freeNumber(used: ReadonlySet<number>): number | undefined {
  for (const [first, last] of privateNumbers)
    for (let number = first; number <= last; number += 1) if (!used.has(number)) return number;
  return undefined;
}

/** Blocks that a node may take of its COE's range; a COE may grow. */
const blocksPerNode = 4;
/** A COE's part of the supernet, by the bits of its length: a sixteenth. */
const partBits = 4;

/** Prefix length of a node's own range, where its COE's is large enough. */
const usualNodeRange = 24;

/**
 * Ranges for nodes that announce one of their own and have none, out of their COE's; each is the lowest that is free, so
 * that no node's depends on another one's.
 */
function nodeRanges(
  raw: RawConfig,
  kinds: CoeKinds,
  assigned: readonly Assignment[],
): Assignment[] {
  return maps(raw.coes).flatMap(([coe, own]) => {
    const kind = kindIn(own, kinds);
    if (!hasNodeRanges(kind, speakerIn(own))) return [];
    const nodes = maps(own.nodes).filter(([, node]) => speaks(kind, roleIn(node)));
    const written = assigned.find(({ path }) => path.join(".") === `coes.${coe}.podCidr`)?.value;
    const taken = rangesIn(maps(own.nodes).map(([, { podCidr }]) => podCidr));
    return nodes.flatMap(([name, { podCidr }]): Assignment[] => {
      if (podCidr !== undefined) return [];
      const ranges = ownRanges(rangesOf(own.podCidr ?? written), nodes.length, taken);
      taken.push(...ranges);
      const [only, ...more] = ranges.map(formatPrefix);
      if (only === undefined) return [];
      const value = more.length === 0 ? only : [only, ...more];
      return [{ path: ["coes", coe, "nodes", name, "podCidr"], value }];
    });
  });
}

/** One range of each family; none where a family has no room left. */
function ownRanges(pods: readonly Prefix[], nodes: number, taken: readonly Prefix[]): Prefix[] {
  const families = [...new Set(pods.map(({ family }) => family))];
  const found = families.flatMap((family) => {
    const free = pods
      .filter((pod) => pod.family === family)
      .flatMap((pod) => nextFree(pod, nodeLength(pod, nodes), taken) ?? []);
    return free.slice(0, 1);
  });
  return found.length === families.length ? found : [];
}

function kindIn({ kind }: Fields, kinds: CoeKinds): CoeKinds[string] | undefined {
  return typeof kind === "string" ? kindOf(kinds, kind) : undefined;
}

function speakerIn({ speaker }: Fields): { readonly speaker?: string } {
  return typeof speaker === "string" ? { speaker } : {};
}

function roleIn({ role, speaker }: Fields): { readonly role?: string; readonly speaker?: boolean } {
  return {
    ...(typeof role === "string" ? { role } : {}),
    ...(typeof speaker === "boolean" ? { speaker } : {}),
  };
}

/** Ranges for COEs that have none, out of the supernet. */
function containerRanges(raw: RawConfig, kinds: CoeKinds): Assignment[] {
  const network = fields(raw.network);
  const supernets = rangesOf(network.supernet);
  const taken = rangesIn([network.nodes, raw.coes]);
  return maps(raw.coes).flatMap(([coe, own]) => {
    if (own.podCidr !== undefined) return [];
    const kind = kindIn(own, kinds);
    const blockSize = hasNodeRanges(kind, speakerIn(own))
      ? usualNodeRange
      : numberOr(own.blockSize, numberOr(network.blockSize, 26));
    const nodes = maps(own.nodes).filter(([, { role }]) =>
      speaks(kind, { role: typeof role === "string" ? role : undefined }),
    );
    const needed = blockSize - Math.ceil(Math.log2(blocksPerNode * Math.max(1, nodes.length)));
    for (const supernet of supernets) {
      if (supernet.family !== 4) continue;
      const length = Math.max(supernet.length, Math.min(supernet.length + partBits, needed));
      const others = [...taken, ...dockerBridge, ...reserved.map(({ range }) => range)];
      const free = nextFree(supernet, length, others);
      if (free === undefined) continue;
      taken.push(free);
      return [{ path: ["coes", coe, "podCidr"], value: formatPrefix(free) }];
    }
    return [];
  });
}

function rangesOf(value: unknown): Prefix[] {
  const texts = typeof value === "string" ? [value] : Array.isArray(value) ? value : [];
  return texts.flatMap((text) => {
    const range = typeof text === "string" ? parsePrefix(text) : undefined;
    return range !== undefined && isPrefix(range) ? [range] : [];
  });
}

/** Every text that is a range, wherever it is. */
function rangesIn(value: unknown): Prefix[] {
  if (typeof value === "string") return rangesOf(value);
  if (Array.isArray(value)) return value.flatMap(rangesIn);
  return isFields(value) ? Object.values(value).flatMap(rangesIn) : [];
}

function maps(value: unknown): [string, Fields][] {
  return Object.entries(fields(value)).flatMap(([key, one]): [string, Fields][] =>
    isFields(one) ? [[key, one]] : [],
  );
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function numberOr(value: unknown, other: number): number {
  return typeof value === "number" ? value : other;
}
