import { parseAsNumber } from "../../util/as-number";
import { formatPrefix, isPrefix, nextFree, type Prefix, parsePrefix } from "../../util/net";
import { reserved } from "../addresses";
import { dockerBridge } from "../claims";
import { type CoeKinds, kindOf, speaks } from "../kind";
import type { RawConfig } from "../parse";
import type { Path } from "../problems";
import { isFields } from "../readable";

/** A value that is missing in a configuration, with one for it. */
export interface Assignment {
  readonly path: Path;
  readonly value: number | string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What is missing, with numbers and ranges that nobody has: a configuration may be wrong otherwise, which is judged with
 * these in it. What is there stays as it is, whoever came or went since.
 */
export function missing(raw: RawConfig, coes: CoeKinds): Assignment[] {
  return [...asNumbers(raw, coes), ...containerRanges(raw, coes)];
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
  return maps(coes).flatMap(([coe, { kind, nodes }]) => {
    const own = typeof kind === "string" ? kindOf(kinds, kind) : undefined;
    return maps(nodes)
      .filter(([, { role, speaker }]) =>
        speaks(own, {
          role: typeof role === "string" ? role : undefined,
          ...(typeof speaker === "boolean" ? { speaker } : {}),
        }),
      )
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

/** Ranges for COEs that have none, out of the supernet. */
function containerRanges(raw: RawConfig, kinds: CoeKinds): Assignment[] {
  const network = fields(raw.network);
  const supernets = rangesOf(network.supernet);
  const taken = rangesIn([network.nodes, raw.coes]);
  return maps(raw.coes).flatMap(([coe, own]) => {
    if (own.podCidr !== undefined) return [];
    const blockSize = numberOr(own.blockSize, numberOr(network.blockSize, 26));
    const kind = typeof own.kind === "string" ? kindOf(kinds, own.kind) : undefined;
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
